import ShelfBase
import ShelfStore
import ShelfTestSupport
import Testing

@Suite struct RemoteTests {
    private struct Setting {
        let store: Store
        let content: Int64

        init(_ folder: Folder) throws {
            store = try folder.openStore()
            let identity = try folder.identity("a")
            let id = try store.takeUp(try store.root(), "a", identity)
            content = try store.hash(id, 1, identity)
        }

        func claim(_ now: Int64, refresh: Bool = false, _ owner: ClaimOwner? = nil) throws -> LookupWork? {
            try store.write { (connection) throws(ShelfError) in
                try connection.claimLookup(content: content, refresh: refresh, owner ?? store.owner, now: now)
            }
        }

        func set(_ status: RemoteRecord.Status, due: Int64, version: Int64? = nil, pinned: Bool = false) throws {
            let record = RemoteRecord(
                status: status, model: version.map { $0 - 1 }, version: version, file: nil, matchedBy: "sha256",
                summary: status == .found ? ["model_name": .string("n")] : nil, isPinned: pinned, attempts: 3,
                checkedAt: 5, problem: nil)
            try store.write { (connection) throws(ShelfError) in
                try connection.setRemote(content: content, record, due: due)
            }
        }

        func remote() throws -> RemoteRecord? {
            try store.read { (connection) throws(ShelfError) in try connection.remote(content: content) }
        }
    }

    @Test func askedOnceWhenDue() throws {
        try Folder.use { folder in
            let setting = try Setting(folder)
            let work = try #require(try setting.claim(1000))
            #expect(work.earlier == .pending)
            #expect(work.sha256 == [UInt8](repeating: 1, count: 32))
            #expect(try setting.claim(1000, setting.store.owner.distinct()) == nil)
            #expect(try setting.claim(1001 + ClaimOwner.lifetime, setting.store.owner.distinct()) != nil)
            try setting.set(.found, due: 5000, version: 9)
            #expect(try setting.claim(4999) == nil)
            #expect(try setting.claim(5000)?.version == 9)
        }
    }

    @Test func anOutageLeavesTheStatus() throws {
        try Folder.use { folder in
            let setting = try Setting(folder)
            try setting.set(.found, due: 0, version: 9)
            #expect(try setting.claim(1) != nil)
            try setting.store.write { (connection) throws(ShelfError) in
                try connection.releaseLookup(content: setting.content, problem: "no network")
            }
            let remote = try #require(try setting.remote())
            #expect(remote.status == .found)
            #expect(remote.summary == ["model_name": .string("n")])
            #expect(remote.problem == "no network")
            #expect(remote.attempts == 3)
            #expect(try setting.claim(1) != nil)
        }
    }

    @Test func refreshing() throws {
        try Folder.use { folder in
            let setting = try Setting(folder)
            try setting.set(.notFound, due: 5000)
            #expect(try setting.claim(1, refresh: true) == nil)
            try setting.set(.found, due: 5000, version: 9)
            #expect(try setting.claim(1, refresh: true) != nil)
        }
    }

    @Test func whatTheUserTookAwayIsNotAskedFor() throws {
        try Folder.use { folder in
            let setting = try Setting(folder)
            try setting.set(.notFound, due: 0, pinned: true)
            #expect(try setting.claim(1) == nil)
            #expect(try setting.claim(1, refresh: true) == nil)
            try setting.set(.found, due: 0, version: 4, pinned: true)
            #expect(try setting.claim(1)?.isPinned == true)
        }
    }

    @Test func foundByIds() throws {
        try Folder.use { folder in
            let setting = try Setting(folder)
            try setting.set(.found, due: 0, version: 9)
            func contents(_ model: Int64?, _ version: Int64?) throws -> [Int64] {
                try setting.store.read { (connection) throws(ShelfError) in
                    try connection.contents(model: model, version: version)
                }
            }
            #expect(try contents(8, nil) == [setting.content])
            #expect(try contents(nil, 9) == [setting.content])
            #expect(try contents(8, 9) == [setting.content])
            #expect(try contents(8, 7).isEmpty)
            #expect(try contents(9, nil).isEmpty)
        }
    }

    @Test func aWaitIsNeverShortened() throws {
        try Folder.use { folder in
            let store = try folder.openStore()
            try store.write { (connection) throws(ShelfError) in
                try connection.setNotBefore(host: "h", 500)
                try connection.setNotBefore(host: "h", 400)
            }
            func wait(_ host: String) throws -> Int64? {
                try store.read { (connection) throws(ShelfError) in try connection.notBefore(host: host) }
            }
            #expect(try wait("h") == 500)
            #expect(try wait("other") == nil)
        }
    }
}

@Suite struct PayloadTests {
    private func keep(_ store: Store, _ number: Int, digest: Int? = nil, object: Int64 = 1) throws {
        try store.write { (connection) throws(ShelfError) in
            try connection.keepPayload(
                kind: "model", object: object, digest: [UInt8(digest ?? number)],
                .object(["n": .int(Int64(number)), "text": .string(String(repeating: "x", count: 5000))]))
        }
    }

    private func newest(_ store: Store, object: Int64 = 1) throws -> Int64? {
        try store.read { (connection) throws(ShelfError) in try connection.payload(kind: "model", object: object) }?[
            "n"]?.int
    }

    @Test func fiveDifferentOnesAreKept() throws {
        try Folder.use { folder in
            let store = try folder.openStore()
            for number in 1...9 { try keep(store, number) }
            try keep(store, 1, object: 2)
            #expect(try store.count("payload WHERE object_id = 1") == 5)
            #expect(try newest(store) == 9)
            #expect(try newest(store, object: 2) == 1)
            #expect(try newest(store, object: 3) == nil)
        }
    }

    @Test func theSameAgainIsNotKept() throws {
        try Folder.use { folder in
            let store = try folder.openStore()
            for number in 1...5 { try keep(store, number, digest: 7) }
            #expect(try store.count("payload") == 1)
            #expect(try newest(store) == 1)
            try keep(store, 6, digest: 8)
            try keep(store, 7, digest: 7)
            #expect(try store.count("payload") == 3)
        }
    }

    @Test func aDamagedPayloadIsNone() throws {
        try Folder.use { folder in
            let store = try folder.openStore()
            for body in ["x''", "x'00'", "x'ffffffff00'", "x'0500000000'", "x'000000000000000000'", "x'0a000000789c'"] {
                try keep(store, 1)
                try store.write { (connection) throws(ShelfError) in
                    try connection.execute("UPDATE payload SET body = \(body)")
                }
                #expect(try newest(store) == nil, "\(body)")
            }
        }
    }
}

@Suite struct StatementTests {
    @Test func saidAndTakenBackWithATrace() throws {
        try Folder.use { folder in
            let store = try folder.openStore()
            let id = try store.takeUp(try store.root(), "a", try folder.identity("a"))
            let content = try #require(try store.file(id)).content
            try store.say(content, "notes", .string("one"))
            try store.say(content, "notes", .string("one"))
            try store.say(content, "notes", .string("two"))
            try store.say(content, "notes", .string("other"), source: "sidecar")
            #expect(try store.said(content) == ["user.notes": .string("two"), "sidecar.notes": .string("other")])
            try store.say(content, "notes", nil)
            try store.say(content, "notes", nil)
            #expect(try store.said(content) == ["sidecar.notes": .string("other")])
            #expect(
                try store.history(content) == [
                    ["notes", nil, "\"one\""], ["notes", "\"one\"", "\"two\""], ["notes", nil, "\"other\""],
                    ["notes", "\"two\"", nil],
                ])
        }
    }

    @Test func anyValueComesBack() throws {
        try Folder.use { folder in
            let store = try folder.openStore()
            let id = try store.takeUp(try store.root(), "a", try folder.identity("a"))
            let content = try #require(try store.file(id)).content
            let values: [JSONValue] = [
                .bool(false), .int(.min), .double(0.1), .string("a\0b\n'\"\u{1f600}"), .array([]), .object([:]),
                .string(""),
                .object(["a": .array([.null, .int(1)])]),
            ]
            for value in values {
                try store.say(content, "field' --", value)
                #expect(try store.said(content)["user.field' --"] == value)
            }
        }
    }
}
