internal import ShelfBase
internal import ShelfStore
internal import ShelfWatch

/// Takes up what the detector reports, through the same scan that people start.
///
/// Several threads may run it: the detector never reports a file again before the answer to the last report of it.
final class WatchKeeper: Sendable {
    let shelf: Shelf
    let folders: [ScanRequest.Folder]
    let options: WatchOptions
    let policies: Policies
    let post: WatchPost
    let asker: WatchAsker?
    let cancellation: Cancellation
    private let inbox = Mailbox<[Sighting]>()
    private let answer: @Sendable (_ finished: [FilePath], _ doubted: [FilePath]) -> Void
    /// How often files were looked at again because the library did not hold what is there.
    private let doubts = Locked<[FilePath: Int]>([:])
    /// After so many looks it is left to the next event: somebody may be at work on the file all the time.
    private static let mostDoubts = 5

    init(
        shelf: Shelf, folders: [ScanRequest.Folder], options: WatchOptions, policies: Policies,
        post: WatchPost, asker: WatchAsker?, cancellation: Cancellation,
        answer: @escaping @Sendable ([FilePath], [FilePath]) -> Void
    ) {
        self.shelf = shelf
        // The innermost folder decides about the type of a file.
        self.folders = folders.sorted { $0.path.bytes.count > $1.path.bytes.count }
        self.options = options
        self.policies = policies
        self.post = post
        self.asker = asker
        self.cancellation = cancellation
        self.answer = answer
    }

    func submit(_ sightings: [Sighting]) { inbox.post(sightings) }

    func close() { inbox.close() }

    func run() {
        while !cancellation.isCancelled {
            let sightings = inbox.receiveAll(milliseconds: -1).flatMap { $0 }
            guard !sightings.isEmpty, !cancellation.isCancelled else { return }
            var origins: [FilePath: FilePath] = [:]
            var ready: [FilePath] = []
            var gone: [FilePath] = []
            for sighting in sightings {
                switch sighting {
                case .ready(let path, let from):
                    ready.append(path)
                    origins[path] = from
                case .gone(let path): gone.append(path)
                }
            }
            takeUp(ready, origins)
            for path in gone {
                insist("record that a file is gone") { () throws(ShelfError) in try post.remove(path) }
            }
        }
    }

    private func takeUp(_ files: [FilePath], _ origins: [FilePath: FilePath]) {
        guard !files.isEmpty else { return }
        let batch = Batch(origins: origins)
        for file in files { if case .success(let identity) = FileIdentity.of(file) { batch.reported[file] = identity } }
        // What is passed over is done with.
        for round in Self.rounds(files.filter { !isExcluded($0) }) {
            insist("take up new files") { () throws(ShelfError) in try scan(round, batch) }
        }
        for path in files where isDoubtful(path) { batch.left.append(path) }
        answer(files, batch.left)
    }

    /// Whether the library does not have what is at a path: files take each other's place while they are taken up, and
    /// other processes take them up too.
    private func isDoubtful(_ path: FilePath) -> Bool {
        let state = FileIdentity.of(path)
        if case .failure(let error) = state, error.code == .notFound { return true }
        guard case .success(let identity) = state, identity.kind == .file else { return false }
        let file = try? shelf.store.read { (connection) throws(ShelfError) in
            try FileResolver(connection).file(named: path)
        }
        let isKnown =
            file.map {
                !$0.isMissing && $0.size == identity.size && $0.modified == identity.modified
                    && $0.inode == identity.inode && ($0.stage == .hashed || $0.problemCode != nil)
            } ?? false
        return doubts.withLock { doubts in
            if isKnown {
                doubts[path] = nil
                return false
            }
            doubts[path, default: 0] += 1
            return doubts[path, default: 0] <= Self.mostDoubts
        }
    }

    /// Several names of one file each in a round of its own: a scan takes up each file once.
    private static func rounds(_ files: [FilePath]) -> [[FilePath]] {
        struct Node: Hashable {
            let device: UInt64
            let inode: UInt64
        }
        var names: [Node: Int] = [:]
        var rounds: [[FilePath]] = [[]]
        for file in files {
            var round = 0
            if case .success(let identity) = FileIdentity.of(file) {
                let node = Node(device: identity.device, inode: identity.inode)
                round = names[node, default: 0]
                names[node] = round + 1
            }
            if round == rounds.count { rounds.append([]) }
            rounds[round].append(file)
        }
        return rounds
    }

    private func isExcluded(_ path: FilePath) -> Bool {
        let places = folders.lazy.compactMap { Paths.resolved($0.path) ?? $0.path }
        guard let place = places.first(where: { path.relative(to: $0) != nil }) else { return false }
        return policies.excludes(path, below: place)
    }

    /// What one scan found out, told by path.
    private final class Batch {
        var movedFrom: [FilePath: FilePath]
        var told: Set<FilePath> = []
        /// Files that were written to while they were read: what was found wrong with them says nothing.
        var overtaken: Set<FilePath> = []
        /// Files as they were when their writers were done with them.
        var reported: [FilePath: FileIdentity] = [:]
        /// Where files were that are elsewhere now, and where something else may be than was taken up.
        var left: [FilePath] = []

        init(origins: [FilePath: FilePath]) { movedFrom = origins }
    }

    private func scan(_ files: [FilePath], _ batch: Batch) throws(ShelfError) {
        var request = ScanRequest(folders: places(of: files))
        guard !request.folders.isEmpty else { return }
        request.files = files
        request.lookup = false
        request.jobs = options.jobs
        request.isBackground = options.isBackground
        try keepRows(batch.movedFrom)
        let observer = ScanObserver(
            planned: { [self] plan in
                for seen in plan.seen {
                    guard let from = seen.movedFrom else { continue }
                    batch.movedFrom[seen.path] = from
                    // What is there now has lost its row to the move, if it was there in time to have one.
                    batch.left.append(from)
                }
                // What has only moved needs no reading, and does not wait for what does.
                for seen in plan.seen where seen.movedFrom != nil { tell(seen.path, batch, nil) }
            },
            stored: { [self] readings in for reading in readings { tell(reading.path, batch, reading.error) } })
        let report = try ScanRun(
            store: shelf.store, lookup: shelf.lookups, request: request,
            policies: policies.wishing(request.wishes.over(policies.wishes)), cancellation: cancellation,
            observer: observer,
            progress: nil
        ).run()
        for path in files where !batch.told.contains(path) { tell(path, batch, nil) }
        let wanted = Set(files)
        for error in report.failed {
            guard let path = error.path, error.code != .notFound, error.code != .fileChanged,
                !batch.told.contains(path), !batch.overtaken.contains(path), wanted.contains(path),
                !Detector.isUnfinished(path)
            else { continue }
            post.fail(path, error)
        }
    }

    private func tell(_ path: FilePath, _ batch: Batch, _ error: ShelfError?) {
        // Deleted while it was read: what is gone was never there.
        guard case .success = FileIdentity.of(path) else { return }
        let from = batch.movedFrom[path]
        do throws(ShelfError) {
            let (known, named) = try rows(of: path)
            if error?.code == .fileChanged || isOvertaken(path, known) {
                batch.overtaken.insert(path)
                return
            }
            if isRewritten(named, since: batch.reported[path]) {
                batch.left.append(path)
                return
            }
            guard let (file, isMove) = try post.tell(path, movedFrom: from, error: error) else { return }
            guard file.stage == .hashed || file.problemCode != nil else { return }
            batch.told.insert(path)
            // It may have left a row: a second name of one file is no move for a scan.
            if let from, isMove { batch.left.append(from) }
            asker?.consider(path, file)
        } catch {
            Log.write(.warning, "the library cannot be read, so nothing is said of \(path.escaped): \(error)")
        }
    }

    /// What the library has of a file, and what it has under that very name.
    private func rows(of path: FilePath) throws(ShelfError) -> (known: KnownFile?, named: KnownFile?) {
        try shelf.store.read { (connection) throws(ShelfError) in
            let resolver = FileResolver(connection)
            if let named = try resolver.file(named: path) { return (named, named) }
            return (try resolver.file(at: path), nil)
        }
    }

    /// Whether a failure is that of a file which is being written again: the detector reports its end.
    private func isOvertaken(_ path: FilePath, _ file: KnownFile?) -> Bool {
        guard let file, file.problemCode != nil else { return false }
        if Detector.isUnfinished(path) { return true }
        // Its writer may have been done just before that look.
        guard case .success(let identity) = FileIdentity.of(path) else { return true }
        return file.size != identity.size || file.modified != identity.modified
    }

    /// Whether a file was hashed in another state than the one it was reported in. Reading begins anew when a file
    /// changes under it, and what is read then may be the beginning of what another writer has to write: the detector
    /// has to see its end first.
    private func isRewritten(_ file: KnownFile?, since reported: FileIdentity?) -> Bool {
        guard let reported, let file, file.stage == .hashed, file.problemCode == nil else { return false }
        return file.size != reported.size || file.modified != reported.modified || file.inode != reported.inode
    }

    /// A file that was renamed before it was hashed keeps its row, and with it what the user said of it.
    private func keepRows(_ origins: [FilePath: FilePath]) throws(ShelfError) {
        for (path, origin) in origins {
            guard case .failure(let error) = FileIdentity.of(origin), error.code == .notFound,
                case .success(let identity) = FileIdentity.of(path)
            else { continue }
            try shelf.store.write { (connection) throws(ShelfError) in
                guard let file = try FileResolver(connection).file(at: origin), file.stage < .hashed,
                    file.inode == identity.inode
                else { return }
                for root in try connection.roots() {
                    guard let below = path.relative(to: root.path) else { continue }
                    _ = try connection.move(file, toRoot: root.id, path: below, identity)
                    return
                }
            }
        }
    }

    /// The watched folders that hold the files and are there.
    private func places(of files: [FilePath]) -> [ScanRequest.Folder] {
        folders.compactMap { folder in
            guard let place = Paths.resolved(folder.path), files.contains(where: { $0.relative(to: place) != nil })
            else { return nil }
            return ScanRequest.Folder(path: place, type: folder.type)
        }
    }

    /// Tries again while another process holds the store: what is not taken up now would be forgotten.
    private func insist(_ purpose: String, _ work: () throws(ShelfError) -> Void) {
        var pause: Int64 = 1000
        while !cancellation.isCancelled {
            do throws(ShelfError) {
                return try work()
            } catch {
                if error.code == .cancelled { return }
                Log.write(.warning, "cannot \(purpose): \(error)")
                guard error.code == .storeBusy || error.code == .storeError else { return }
            }
            let end = Clock.monotonicNanoseconds() + pause * 1_000_000
            while !cancellation.isCancelled, Clock.monotonicNanoseconds() < end { Clock.sleep(milliseconds: 50) }
            pause = min(pause * 2, 60_000)
        }
    }
}
