internal import Glibc
internal import ModelShelf
internal import ShelfBase

/// The handlers of `watch --exec`: Python on the first thread, where it can notice Ctrl-C; events are printed by
/// another, so that a slow handler holds up nothing but the handlers after it.
struct WatchHandlers {
    private let python: EmbeddedPython
    private let file: FilePath
    private let json: Bool

    /// Nil when no file is named.
    init?(_ invocation: Invocation) throws(ShelfError) {
        guard let file = invocation.values("--exec").last else { return nil }
        self.file = Paths.absolute(file)
        json = invocation.global.json
        do throws(ShelfError) {
            _ = try ReadableFile(self.file)
        } catch {
            throw ShelfError(error.code, error.message, path: file, hint: "--exec takes a file of Python")
        }
        python = try EmbeddedPython(invocation.global)
        // The interpreter does this too, but events may be printed before it runs.
        signal(SIGPIPE, SIG_IGN)
    }

    /// Runs until Ctrl-C, until nobody reads the output any more, or until the file fails.
    func run(_ watch: any EventStream, _ printer: EventPrinter) throws(ShelfError) -> Output {
        let queue = EventQueue()
        guard let thread = ThreadHandle.start({ queue.fill(from: watch, printer) }) else {
            throw ShelfError(.internalError, "the system has no thread left to print with")
        }
        let status = python.run(handlers: file, quietOutput: json) { queue.take(milliseconds: $0) }
        watch.cancel()
        thread.join()
        return Output(
            status: queue.isOutputClosed ? ExitStatus.outputClosed : status == 0 ? ExitStatus.cancelled : status)
    }
}

/// Events on their way from the watch to the handlers; as many as there are.
private final class EventQueue: Sendable {
    /// Nil is the end.
    private let events = Mailbox<WatchEvent?>()
    private let ending = Locked((told: false, outputClosed: false))

    var isOutputClosed: Bool { ending.withLock { $0.outputClosed } }

    func fill(from watch: any EventStream, _ printer: EventPrinter) {
        defer { events.post(nil) }
        do throws(ShelfError) {
            while true {
                let batch = try watch.next(milliseconds: -1)
                for event in batch { events.post(event) }
                guard try printer.write(batch) else { return ending.withLock { $0.outputClosed = true } }
                if batch.isEmpty, watch.isEnded { return }
            }
        } catch {
            Log.write(.error, "the watch has ended: \(error)")
        }
    }

    /// A JSON array of what has come; nil at the end.
    func take(milliseconds: Int64) -> [UInt8]? {
        if ending.withLock({ $0.told }) { return nil }
        let received = events.receiveAll(milliseconds: milliseconds)
        let batch = received.compactMap(\.self)
        if batch.count < received.count {
            ending.withLock { $0.told = true }
            if batch.isEmpty { return nil }
        }
        return JSONValue.array(batch.map { .object($0.json) }).bytes()
    }
}
