internal import ShelfBase
internal import ShelfStore

/// Computes the digests that sidecars told while a watch has nothing else to do: one file at a time, with the lowest
/// priority, on a thread of its own. Whatever comes interrupts it between two blocks; the file's turn comes again.
final class WatchVerifier: Sendable {
    /// When nothing is left, other processes may have adopted more after this long (milliseconds).
    private static let longRest: Int64 = 600_000
    /// When other processes are at what is left.
    private static let shortRest: Int64 = 5_000
    private static let heartbeat: Int64 = 5_000_000_000

    private let shelf: Shelf
    private let post: WatchPost
    private let asker: WatchAsker?
    private let lull: Lull
    private let cancellation: Cancellation
    private let owner: ClaimOwner

    init(_ shelf: Shelf, post: WatchPost, asker: WatchAsker?, lull: Lull, cancellation: Cancellation) {
        self.shelf = shelf
        self.post = post
        self.asker = asker
        self.lull = lull
        self.cancellation = cancellation
        owner = shelf.store.owner.distinct()
    }

    /// What could not be verified as it is: it is left alone until it is another.
    private struct State: Hashable {
        let location: Int64
        let size: Int64
        let modified: Int64

        init(_ file: KnownFile) {
            location = file.id
            size = file.size
            modified = file.modified
        }
    }

    private struct Claimed: Sendable {
        let path: FilePath
        let file: KnownFile
    }

    /// What the thread knows.
    private struct Memory {
        /// Files below the watched folders that were a sidecar's word at the last look.
        var open: [Int64: FilePath] = [:]
        var passedOver: Set<State> = []
        /// Whether others work on what is left.
        var isShared = false
    }

    func run() {
        // What is a sidecar's word now may be settled by another process before the first lull; that is told too.
        var memory = Memory(open: (try? look())?.paths ?? [:])
        while let turn = lull.begin() {
            do throws(ShelfError) {
                guard let claimed = try claim(&memory) else {
                    lull.rest(milliseconds: memory.isShared ? Self.shortRest : Self.longRest)
                    continue
                }
                if try !verify(claimed, turn) { memory.passedOver.insert(State(claimed.file)) }
            } catch {
                if error.code == .cancelled { continue }
                Log.write(.warning, "digests from sidecars could not be verified: \(error)")
                lull.rest(milliseconds: Self.shortRest)
            }
        }
    }

    /// What of the watched folders is a sidecar's word, the smallest first.
    private func look() throws(ShelfError) -> (files: [Claimed], paths: [Int64: FilePath]) {
        let files = try shelf.store.read { (connection) throws(ShelfError) -> [Claimed] in
            let maker = try RecordMaker(connection)
            return try connection.adoptedLocations().compacted { (id) throws(ShelfError) -> Claimed? in
                guard let file = try connection.knownFile(id: id) else { return nil }
                let path = maker.path(of: file)
                return post.isWatched(path) ? Claimed(path: path, file: file) : nil
            }
        }
        return (files, Dictionary(files.map { ($0.file.id, $0.path) }, uniquingKeysWith: { $1 }))
    }

    /// Claims the next file; nil when there is none for us. Says what others found out meanwhile.
    private func claim(_ memory: inout Memory) throws(ShelfError) -> Claimed? {
        let found = try look()
        let settled = memory.open.filter { found.paths[$0.key] == nil }.map(\.value)
        let wanted = found.files.filter { !memory.passedOver.contains(State($0.file)) }
        memory.open = found.paths
        memory.isShared = !wanted.isEmpty
        for path in settled { try tell(path) }
        guard !wanted.isEmpty else { return nil }
        let owner = self.owner
        return try shelf.store.write { (connection) throws(ShelfError) -> Claimed? in
            try connection.releaseClaimsOfTheDead()
            let now = Clock.wallMilliseconds()
            for claimed in wanted where try connection.claimAdopted(claimed.file.id, owner, now: now) { return claimed }
            return nil
        }
    }

    /// False when the file cannot be verified as it is.
    private func verify(_ claimed: Claimed, _ turn: Cancellation) throws(ShelfError) -> Bool {
        let (store, owner) = (shelf.store, self.owner)
        // A store that is busy now lets the claim run out.
        defer {
            try? store.write { (connection) throws(ShelfError) in
                try connection.releaseFile(claimed.file.id, of: owner)
            }
        }
        var request = VerifyRequest([claimed.path])
        request.adoptedOnly = true
        request.jobs = 1
        request.isBackground = true
        var lastBeat = Clock.monotonicNanoseconds()
        let report = try shelf.verify(request, cancellation: turn) { _, _ in
            let now = Clock.monotonicNanoseconds()
            if now - lastBeat > Self.heartbeat {
                lastBeat = now
                try? store.write { (connection) throws(ShelfError) in
                    try connection.renewClaims(owner, now: Clock.wallMilliseconds())
                }
            }
            return true
        }
        for error in report.failed where error.code != .cancelled {
            Log.write(.warning, "digests from a sidecar could not be verified: \(error)")
        }
        if report.changed.contains(where: { $0.found != nil }) {
            Log.write(
                .warning,
                "the sidecar of \(claimed.path.escaped) told digests of other bytes; they are corrected")
            try tell(claimed.path)
        }
        return report.failed.isEmpty && report.missing.isEmpty && report.changed.allSatisfy { $0.found != nil }
    }

    /// Says what is new about a file, which is nothing when its sidecar was right.
    private func tell(_ path: FilePath) throws(ShelfError) {
        guard let (file, _) = try post.tell(path) else { return }
        asker?.consider(path, file)
    }
}
