internal import Glibc
public import ShelfBase
internal import ShelfCivitai
internal import ShelfStore
internal import ShelfWatch

/// Folders that are being watched: new, changed, moved and removed models are taken up and told as events.
///
/// Events are pulled with ``next(milliseconds:)``; nothing is ever called from a foreign thread. A watch ends with
/// ``stop()``, with its shelf, or when nobody holds it any more. Several may run at once.
public final class Watch: Sendable {
    private let detector: Detector
    private let keeper: WatchKeeper
    private let asker: WatchAsker?
    private let pictures: WatchPictures?
    private let sidecars: WatchSidecars?
    private let verifier: WatchVerifier?
    private let lull: Lull
    private let post: WatchPost
    private let cancellation = Cancellation()
    private let threads = Locked<[ThreadHandle]>([])
    private let process = getpid()

    init(
        _ shelf: Shelf, _ folders: [ScanRequest.Folder], _ options: WatchOptions, _ policies: Policies
    ) throws(ShelfError) {
        let store = shelf.store
        let paths = folders.map(\.path)
        let asksNothing = options.lookup == false || shelf.lookups.client.configuration.offline != nil
        let pictures =
            policies.anybody { $0.previews == true } && !asksNothing
            ? WatchPictures(shelf, policies, cancellation: cancellation) : nil
        let sidecars = WatchSidecars(shelf, policies, cancellation)
        let post = WatchPost(store: store, pictures: pictures, sidecars: sidecars) { path in
            paths.contains { folder in
                path.relative(to: folder) != nil || Paths.resolved(folder).map { path.relative(to: $0) != nil } ?? false
            }
        }
        let lull = Lull(after: options.idleMilliseconds, cancellation)
        let asker =
            asksNothing
            ? nil : WatchAsker(shelf, wishes: options.wishes, post: post, lull: lull, cancellation: cancellation)
        let sightings = Relay()
        var settings = DetectorOptions()
        settings.pollInterval = (options.pollMilliseconds ?? 5_000) * 1_000_000
        settings.reconcileInterval = options.reconcileMilliseconds * 1_000_000
        settings.onlyPolls = options.onlyPolls
        let detector = try Detector(
            paths, options: settings,
            known: { place in Self.known(place, store, post, asker) },
            report: { sightings.keeper.withLock { $0 }?.submit($0) },
            isBusy: { lull.set(.detector, isBusy: $0) })
        keeper = WatchKeeper(
            shelf: shelf, folders: folders, options: options, policies: policies, post: post, asker: asker,
            cancellation: cancellation
        ) { [weak detector] in detector?.finished($0, doubted: $1) }
        sightings.keeper.withLock { [keeper] in $0 = keeper }
        self.detector = detector
        self.asker = asker
        self.pictures = pictures
        self.sidecars = sidecars
        self.lull = lull
        verifier =
            options.verifiesAdopted ?? true
            ? WatchVerifier(shelf, post: post, asker: asker, lull: lull, cancellation: cancellation) : nil
        self.post = post
    }

    /// Ties the detector to a keeper that is made after it.
    private final class Relay: Sendable {
        let keeper = Locked<WatchKeeper?>(nil)
    }

    deinit { stop() }

    func start() throws(ShelfError) {
        do throws(ShelfError) {
            // Two keepers: what is small does not wait behind what takes a minute to hash.
            let work: [(@Sendable () -> Void)?] = [
                keeper.run, keeper.run, asker?.run, pictures?.run, sidecars?.run, verifier?.run,
            ]
            for run in work.compactMap({ $0 }) {
                guard let thread = ThreadHandle.start(run) else {
                    throw ShelfError(.internalError, "the system has no thread left to watch with")
                }
                threads.withLock { $0.append(thread) }
            }
            try detector.start()
        } catch {
            stop()
            throw error
        }
    }

    /// Events that have come, waiting up to `milliseconds` for the first (forever when negative). Empty when none came,
    /// or when the watch has ended and everything was told: see ``isEnded``.
    public func next(milliseconds: Int64) throws(ShelfError) -> [WatchEvent] {
        guard getpid() == process else {
            throw ShelfError(
                .usage, "the watch belongs to the parent process", hint: "start one anew in the forked child")
        }
        return post.events.receiveAll(milliseconds: milliseconds)
    }

    /// Whether it was stopped. Events that came before may still be pulled.
    public var isEnded: Bool { cancellation.isCancelled || getpid() != process }

    /// Ends the watching without waiting for its threads; whoever waits for events is woken.
    public func cancel() {
        guard getpid() == process else { return }
        cancellation.cancel()
        detector.cancel()
        keeper.close()
        asker?.close()
        pictures?.close()
        sidecars?.close()
        lull.close()
        post.events.close()
    }

    /// Ends the watching, also in the middle of a file: what was finished is kept, and the rest is taken up by the
    /// next scan or watch. Harmless a second time.
    public func stop() {
        // The threads of a parent are not there in its child.
        guard getpid() == process else { return }
        cancel()
        detector.stop()
        let threads = threads.withLock { threads in
            defer { threads = [] }
            return threads
        }
        for thread in threads { thread.join() }
    }

    /// What the store has below a folder; what Civitai was not yet asked of it is asked now.
    private static func known(
        _ place: FilePath, _ store: Store, _ post: WatchPost, _ asker: WatchAsker?
    ) -> [FilePath: FileStamp] {
        do throws(ShelfError) {
            let files = try store.read { (connection) throws(ShelfError) -> [(path: FilePath, file: KnownFile)] in
                var files: [(path: FilePath, file: KnownFile)] = []
                for root in try connection.roots() {
                    let below: FilePath
                    if let inside = place.relative(to: root.path) {
                        below = inside
                    } else if root.path.relative(to: place) != nil {
                        below = FilePath("")
                    } else {
                        continue
                    }
                    for file in try connection.knownFiles(root: root.id, below: below) where !file.isMissing {
                        files.append((root.path.appending(file.path), file))
                    }
                }
                return files
            }
            post.know(files)
            var stamps: [FilePath: FileStamp] = [:]
            for (path, file) in files where file.stage == .hashed || file.problemCode != nil {
                stamps[path] = FileStamp(size: file.size, modified: file.modified, inode: file.inode)
                if file.remoteStatus == "pending" { asker?.consider(path, file) }
            }
            return stamps
        } catch {
            Log.write(.warning, "the library cannot be read, so everything is taken for new: \(error)")
            return [:]
        }
    }
}
