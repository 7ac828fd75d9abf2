internal import Glibc
public import ShelfBase

/// What the watched folders show.
public enum Sighting: Sendable, Equatable {
    /// A file's writer is done: it is new, or another than before, or was closed once more without a change. `from` is the name that it had, if it was renamed.
    case ready(FilePath, from: FilePath?)
    /// A file that was known is no longer there.
    case gone(FilePath)
}

/// How folders are watched. Times are nanoseconds.
public struct DetectorOptions: Sendable {
    /// For how long a file must stay the same whose format does not tell its size.
    public var settle: Int64 = 2_000_000_000
    /// The same for raw pickles, whose writers pause.
    public var settlePickle: Int64 = 10_000_000_000
    /// How often folders are listed that do not report what happens in them.
    public var pollInterval: Int64 = 5_000_000_000
    /// How often everything is listed, to catch what was missed.
    public var reconcileInterval: Int64 = 600_000_000_000
    /// Lists folders only, as if nothing could report.
    public var onlyPolls = false

    public init() {}
}

/// Watches folders on a thread of its own and reports files whose writers are done.
///
/// It sleeps until the kernel reports something or something is due; an idle folder costs nothing.
public final class Detector: Sendable {
    /// What the loop is told from other threads.
    struct Inbox: Sendable {
        var finished: [FilePath] = []
        /// Paths at which something else may be than was reported last.
        var doubted: [FilePath] = []
    }

    let folders: [FilePath]
    let options: DetectorOptions
    /// What is known already below a folder that has become visible.
    let known: @Sendable (FilePath) -> [FilePath: FileStamp]
    let report: @Sendable ([Sighting]) -> Void
    let isBusy: @Sendable (Bool) -> Void
    let cancellation = Cancellation()
    let bell: Doorbell
    private let inbox = Locked(Inbox())
    private let thread = Locked<ThreadHandle?>(nil)

    /// - Parameters:
    ///   - folders: absolute; they need not be there yet.
    ///   - known: asked on the detector's thread.
    ///   - report: called on the detector's thread; ``finished(_:doubted:)`` has to be told of every ready file.
    ///   - isBusy: called on the detector's thread before it sleeps: whether a file is on its way in.
    public init(
        _ folders: [FilePath], options: DetectorOptions = DetectorOptions(),
        known: @escaping @Sendable (FilePath) -> [FilePath: FileStamp],
        report: @escaping @Sendable ([Sighting]) -> Void,
        isBusy: @escaping @Sendable (Bool) -> Void = { _ in }
    ) throws(ShelfError) {
        guard let bell = Doorbell() else {
            throw ShelfError(
                .internalError, "the process has no file descriptor left to watch with",
                hint: "close some files or raise ulimit -n")
        }
        self.folders = folders
        self.options = options
        self.known = known
        self.report = report
        self.isBusy = isBusy
        self.bell = bell
    }

    /// To be called once.
    public func start() throws(ShelfError) {
        let handle = ThreadHandle.start { [self] in
            let loop = DetectorLoop(self)
            loop.run()
        }
        guard let handle else { throw ShelfError(.internalError, "the system has no thread left to watch with") }
        thread.withLock { $0 = handle }
    }

    /// Says that ready files have been dealt with, and which paths are to be looked at again: what is there is reported
    /// as ready, and what is not as gone.
    public func finished(_ paths: [FilePath], doubted: [FilePath] = []) {
        inbox.withLock { inbox in
            inbox.finished += paths
            inbox.doubted += doubted
        }
        bell.ring()
    }

    /// Ends the watching without waiting for it.
    public func cancel() {
        cancellation.cancel()
        bell.ring()
    }

    /// Ends the watching; nothing is reported after it. Harmless a second time.
    public func stop() {
        cancel()
        thread.withLock { handle in
            defer { handle = nil }
            return handle
        }?.join()
    }

    func takeInbox() -> Inbox {
        inbox.withLock { inbox in
            defer { inbox = Inbox() }
            return inbox
        }
    }
}
