internal import ShelfBase
internal import ShelfStore

/// The files that are to be brought to one stage, claimed in portions so that several processes share the work.
struct ClaimQueue {
    /// Files in a portion.
    static let batch = 64
    /// Bytes in a portion, so that other processes find work too.
    private static let bytes: Int64 = 256 << 20

    let stage: Stage
    private let store: Store
    private let owner: ClaimOwner
    private var waiting: ArraySlice<ScanPlan.Seen>
    /// Files that other processes have.
    private var elsewhere: [ScanPlan.Seen] = []

    init(_ files: [ScanPlan.Seen], to stage: Stage, _ store: Store, _ owner: ClaimOwner) {
        waiting = files[...]
        self.stage = stage
        self.store = store
        self.owner = owner
    }

    /// No file can be claimed at once.
    var isEmpty: Bool { waiting.isEmpty }
    /// Other processes are at work on the last ones.
    var awaitsOthers: Bool { !elsewhere.isEmpty }

    /// Claims the next portion in one transaction with `writing`.
    mutating func claim(
        after writing: (Connection) throws(ShelfError) -> Void
    ) throws(ShelfError) -> [ScanPlan.Seen] {
        var rest = waiting
        var others = elsewhere
        let (stage, owner) = (self.stage, self.owner)
        let claimed = try store.write { (connection) throws(ShelfError) -> [ScanPlan.Seen] in
            try writing(connection)
            let now = Clock.wallMilliseconds()
            var claimed: [ScanPlan.Seen] = []
            var bytes: Int64 = 0
            while let file = rest.first, claimed.count < Self.batch, bytes < Self.bytes {
                rest.removeFirst()
                if try connection.claimFile(file.id, before: stage, owner, now: now) {
                    claimed.append(file)
                    bytes += min(file.size, stage == .hashed ? Self.bytes : FileReader.wholeFileLimit)
                } else {
                    others.append(file)
                }
            }
            return claimed
        }
        waiting = rest
        elsewhere = others
        return claimed
    }

    /// Looks at the files that other processes had: done, still theirs, or free because their owner died.
    mutating func revisit() throws(ShelfError) {
        let (stage, files) = (self.stage, elsewhere)
        try store.write { (connection) throws(ShelfError) in try connection.releaseClaimsOfTheDead() }
        let (free, taken) = try store.read { (connection) throws(ShelfError) in
            var free: [ScanPlan.Seen] = []
            var taken: [ScanPlan.Seen] = []
            let now = Clock.wallMilliseconds()
            for file in files {
                guard let known = try connection.knownFile(id: file.id), known.stage < stage else { continue }
                if try connection.fileIsClaimed(file.id, now: now) {
                    taken.append(file)
                } else if known.problemCode == nil {
                    free.append(file)
                }
            }
            return (free, taken)
        }
        waiting = free[...]
        elsewhere = taken
    }
}
