import ShelfBase
import ShelfStore
import ShelfTestSupport
import Testing

@Suite struct ClaimTests {
    private let now: Int64 = 1_000_000

    private struct Setting {
        let store: Store
        let file: Int64
        let identity: FileIdentity
        let (one, two): (ClaimOwner, ClaimOwner)

        init(_ folder: Folder) throws {
            store = try folder.openStore()
            identity = try folder.identity("a")
            file = try store.takeUp(try store.root(), "a", identity)
            (one, two) = (store.owner.distinct(), store.owner.distinct())
        }

        func claim(_ owner: ClaimOwner, before stage: Stage = .hashed, _ now: Int64) throws -> Bool {
            try store.write { (connection) throws(ShelfError) in
                try connection.claimFile(file, before: stage, owner, now: now)
            }
        }

        func isClaimed(_ now: Int64) throws -> Bool {
            try store.read { (connection) throws(ShelfError) in try connection.fileIsClaimed(file, now: now) }
        }

        func write(_ body: (Connection) throws(ShelfError) -> Void) throws { try store.write(body) }
    }

    @Test func ownersOfOneProcessDiffer() throws {
        try Folder.use { folder in
            let setting = try Setting(folder)
            #expect(setting.one != setting.two)
            #expect(setting.one != setting.store.owner)
            #expect(try folder.openStore().owner == setting.store.owner)
            #expect(!ClaimOwner.isDead(setting.one.text))
        }
    }

    @Test func oneOfTwoGetsIt() throws {
        try Folder.use { folder in
            let setting = try Setting(folder)
            #expect(try setting.claim(setting.one, now))
            #expect(try !setting.claim(setting.two, now))
            #expect(try !setting.claim(setting.one, now))
            #expect(try setting.isClaimed(now))
            try setting.write { (connection) throws(ShelfError) in try connection.releaseFile(setting.file) }
            #expect(try !setting.isClaimed(now))
            #expect(try setting.claim(setting.two, now))
        }
    }

    @Test func aClaimRunsOutAndIsRenewed() throws {
        try Folder.use { folder in
            let setting = try Setting(folder)
            #expect(try setting.claim(setting.one, now))
            let end = now + ClaimOwner.lifetime
            #expect(try setting.isClaimed(end))
            #expect(try !setting.claim(setting.two, end))
            try setting.write { (connection) throws(ShelfError) in
                try connection.renewClaims(setting.two, now: end)
                try connection.renewClaims(setting.one, now: now + 10)
            }
            #expect(try !setting.claim(setting.two, end + 10))
            #expect(try !setting.isClaimed(end + 11))
            #expect(try setting.claim(setting.two, end + 11))
        }
    }

    @Test func whatIsDoneIsNotClaimed() throws {
        try Folder.use { folder in
            let setting = try Setting(folder)
            #expect(try setting.claim(setting.one, before: .headerRead, now))
            try setting.store.hash(setting.file, 1, setting.identity)
            #expect(try !setting.isClaimed(now))
            #expect(try !setting.claim(setting.two, before: .hashed, now))
        }
    }

    @Test func theDeadLoseTheirClaims() throws {
        try Folder.use { folder in
            let setting = try Setting(folder)
            #expect(try setting.claim(setting.one, now))
            try setting.write { (connection) throws(ShelfError) in try connection.releaseClaimsOfTheDead() }
            #expect(try setting.isClaimed(now))
            // The same process as it would be called had it started at another moment.
            var parts = setting.store.owner.text.split(separator: ":", omittingEmptySubsequences: false).map(
                String.init)
            parts[3] = "1"
            let dead = parts.joined(separator: ":") + ":7"
            #expect(ClaimOwner.isDead(dead))
            try setting.write { (connection) throws(ShelfError) in
                try connection.run("UPDATE location SET claim_owner = ?", .text(dead))
                try connection.releaseClaimsOfTheDead()
            }
            #expect(try !setting.isClaimed(now))
        }
    }

    @Test(arguments: ["", "x", "a:b:c:d", ":::", "a:b:1:1:1:1", "boot:namespace:999999999:5"])
    func strangersMayLive(text: String) { #expect(!ClaimOwner.isDead(text)) }

    @Test func aNumberThatNobodyHasIsDead() throws {
        try Folder.use { folder in
            var parts = try folder.openStore().owner.text.split(separator: ":", omittingEmptySubsequences: false)
                .map(String.init)
            parts[2] = "2147483647"
            #expect(ClaimOwner.isDead(parts.joined(separator: ":")))
        }
    }

    /// Several claim the same files from stores of their own: each file is given once.
    @Test func manyClaimersShare() throws {
        try Folder.use { folder in
            let setting = try Setting(folder)
            let root = try setting.store.root()
            let files = try (0..<60).map { try setting.store.takeUp(root, "f\($0)", setting.identity) }
            let won = Locked<[Int64]>([])
            let time = now
            let threads = (0..<4).compactMap { _ in
                ThreadHandle.start {
                    guard let store = try? folder.openStore() else { return }
                    let owner = store.owner.distinct()
                    for file in files {
                        let mine = try? store.write { (connection) throws(ShelfError) in
                            try connection.claimFile(file, before: .hashed, owner, now: time)
                        }
                        if mine == true { won.withLock { $0.append(file) } }
                    }
                }
            }
            for thread in threads { thread.join() }
            #expect(won.withLock { $0.sorted() } == files.sorted())
        }
    }
}
