internal import Glibc
internal import ShelfBase
internal import ShelfFormats

/// The detector's thread: waits, hands what it learns to the state machines and does what they say.
final class DetectorLoop {
    let detector: Detector
    let queue: KernelQueue?
    var roots: [WatchedRoot]
    var map = FolderMap()
    var settling: Settling
    var departures = Departures()
    var pairs = MovePairs()
    var agenda: Agenda
    /// Every file that was reported ready, or was known before.
    var census: [FilePath: FileStamp] = [:]
    /// Folders that are listed because they do not report everything.
    var polled: Set<FilePath> = []
    /// Folders on another file system than the one above them, and its number: an empty mount point has another.
    var mounts: [FilePath: UInt64] = [:]
    /// Folders whose mode or times have changed: what could not be seen in them may be seen now.
    var touched: Set<FilePath> = []
    /// Where renamed candidates came from.
    var origins: [FilePath: FilePath] = [:]
    /// Numbers (inodes) of files that may have been written through a name of theirs, so that their other names show
    /// other bytes too.
    var shared: Set<UInt64> = []
    /// Folders that were watched until they ended, whose removal the kernel reports next.
    var ended: Set<FilePath> = []
    var backlog: [FolderEvent] = []
    private var sightings: [Sighting] = []
    private var didComplainOfWatches = false

    /// Files looked at before reports are taken in again, whose queue in the kernel is short.
    private static let looksAtOnce = 256
    /// Those whose removal nobody reports are forgotten at some time.
    static let endedAtOnce = 1024

    init(_ detector: Detector) {
        self.detector = detector
        let options = detector.options
        queue = options.onlyPolls ? nil : KernelQueue()
        roots = detector.folders.map { WatchedRoot($0) }
        settling = Settling(Settling.Times(settle: options.settle, settlePickle: options.settlePickle))
        agenda = Agenda(pollInterval: options.pollInterval, reconcileInterval: options.reconcileInterval)
    }

    var now: Int64 { Clock.monotonicNanoseconds() }

    func run() {
        if queue == nil, !detector.options.onlyPolls { complainOfQueues() }
        agenda.require(.reconcile, now: now)
        findRoots()
        while !detector.cancellation.isCancelled {
            flush()
            detector.isBusy(settling.isBusy(now: now))
            wait()
            readInbox()
            takeIn()
            while !backlog.isEmpty, !detector.cancellation.isCancelled {
                let events = backlog
                backlog = []
                for event in events { handle(event) }
            }
            revisit()
            settleMoves()
            lookThrough()
            look()
            depart()
        }
    }

    /// Sleeps until a report, a message, or until something is due.
    private func wait() {
        let deadlines = [
            settling.nextDeadline, departures.nextDeadline, pairs.nextDeadline, agenda.nextDeadline,
        ]
        var milliseconds: Int32 = -1
        if let next = deadlines.compactMap({ $0 }).min() {
            milliseconds = Int32(clamping: max(0, (next - now + 999_999) / 1_000_000))
        }
        var waits = [pollfd(fd: detector.bell.descriptor, events: Int16(POLLIN), revents: 0)]
        if let queue { waits.append(pollfd(fd: queue.descriptor, events: Int16(POLLIN), revents: 0)) }
        poll(&waits, nfds_t(waits.count), milliseconds)
        if waits[0].revents != 0 { detector.bell.silence() }
    }

    private func readInbox() {
        let inbox = detector.takeInbox()
        for path in inbox.finished { settling.finished(path) }
        guard !inbox.doubted.isEmpty else { return }
        let away = roots.compactMap { root in root.place.map { unplugged(below: $0, [:]) } }.flatMap { $0 }
        for path in inbox.doubted {
            if case .success(let identity) = FileIdentity.of(path), identity.kind == .file {
                settling.note(path, .seen, now: now)
            } else if census[path] != nil, isPolled(path) {
                // The next listing misses it, and shows where it went.
                continue
            } else if roots.contains(where: { $0.place.map { path.relative(to: $0) != nil } ?? false }),
                !away.contains(where: { path.relative(to: $0) != nil })
            {
                departures.note(path, size: census[path]?.size ?? -1, now: now)
            }
        }
    }

    /// Takes reports out of the kernel's queue before it runs over; they are dealt with later.
    func takeIn() {
        if let queue { backlog += queue.read() }
    }

    // MARK: What the state machines say

    private func look() {
        let paths = settling.due(now: now, limit: Self.looksAtOnce)
        for path in paths where !detector.cancellation.isCancelled {
            let seen = FileLooker(isRemote: isPolled(path)).look(path)
            if case .file(let facts) = seen {
                if facts.hasOtherNames { shared.insert(facts.stamp.inode) }
                if facts.stamp.inode != census[path]?.inode { doubt(path) }
            } else {
                doubt(path)
            }
            switch settling.looked(at: path, seen, now: now) {
            case .wait: break
            case .dropped:
                origins[path] = nil
                if census[path] == nil { agenda.require(.recheck, now: now) }
            case .ready(let stamp):
                departures.cancel(path)
                census[path] = stamp
                sightings.append(.ready(path, from: origins.removeValue(forKey: path)))
            }
        }
        lookAtNames()
    }

    /// The file that was known under a name is no longer there, and may have been written to before it went.
    func doubt(_ path: FilePath) {
        if let stamp = census[path], settling.isPending(path) { shared.insert(stamp.inode) }
    }

    /// A file is reported under the name through which it was written; its others in these folders show the same bytes.
    private func lookAtNames() {
        guard !shared.isEmpty else { return }
        for (path, stamp) in census where shared.contains(stamp.inode) {
            guard case .success(let identity) = FileIdentity.of(path), FileStamp(identity) != stamp else { continue }
            settling.note(path, .seen, now: now)
        }
        shared = []
    }

    private func settleMoves() {
        for half in pairs.expired(now: now) { left(half) }
    }

    private func depart() {
        guard let deadline = departures.nextDeadline, deadline <= now else { return }
        // Where a disk was unplugged, an empty mount point tells nothing of its files.
        for index in roots.indices where roots[index].isReplaced { lookThroughRoot(index) }
        let gone = departures.due(now: now) { settling.awaits(size: $0) }
        for path in gone {
            guard Self.isGone(path) else { continue }
            census[path] = nil
            sightings.append(.gone(path))
        }
    }

    /// Whether a file is surely gone: neither there again, nor only not to be seen just now. A folder may have its name.
    private static func isGone(_ path: FilePath) -> Bool {
        switch FileIdentity.of(path) {
        case .success(let identity): identity.kind != .file
        case .failure(let error): error.code == .notFound
        }
    }

    private func flush() {
        guard !sightings.isEmpty else { return }
        detector.report(sightings)
        sightings = []
    }

    // MARK: Names

    func isPolled(_ path: FilePath) -> Bool { polled.contains { path.relative(to: $0) != nil } }

    /// What was renamed to somewhere that is not watched.
    func left(_ half: MovePairs.Half) {
        if half.isFolder { folderLeft(half.path) } else { fileLeft(half.path) }
    }

    func fileLeft(_ path: FilePath) {
        doubt(path)
        // Whatever was done through a name that nobody has looked at shows under the others.
        if census[path] == nil, settling.isPending(path) { agenda.require(.recheck, now: now) }
        settling.forget(path)
        origins[path] = nil
        if let stamp = census[path] { departures.note(path, size: stamp.size, now: now) }
    }

    /// For a folder that may have taken files with it. Looks at every file that is known.
    func folderLeft(_ folder: FilePath) {
        agenda.require(.recheck, now: now)
        for path in settling.paths(below: folder) { doubt(path) }
        settling.forget(below: folder)
        for number in map.numbers(below: folder) {
            queue?.ignore(number)
            map.remove(number)
        }
        for (path, stamp) in census where path.relative(to: folder) != nil {
            departures.note(path, size: stamp.size, now: now)
        }
    }

    // MARK: Complaints

    private func complainOfQueues() {
        Log.write(
            .warning,
            "the system gives no more inotify queues, so folders are listed every few seconds instead; "
                + "more are allowed by: sysctl fs.inotify.max_user_instances=1024")
        usePolling()
    }

    /// The kernel's watches are used up: everything is listed now and then.
    func usePolling() {
        for root in roots { if let place = root.place { polled.insert(place) } }
        agenda.require(.poll, now: now)
        guard queue != nil, !didComplainOfWatches else { return }
        didComplainOfWatches = true
        Log.write(
            .warning,
            "the system's inotify watches are used up, so folders are listed every few seconds instead; "
                + "more are allowed by: sysctl fs.inotify.max_user_watches=524288")
    }
}
