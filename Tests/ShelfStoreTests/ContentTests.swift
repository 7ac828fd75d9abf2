import ShelfBase
import ShelfStore
import ShelfTestSupport
import Testing

/// Which content a file is, and what becomes of what was said of it.
@Suite struct ContentTests {
    @Test func digestsComeBack() throws {
        try Folder.use { folder in
            let store = try folder.openStore()
            let identity = try folder.identity("a")
            let id = try store.takeUp(try store.root(), "a", identity)
            var digests = StoredDigests()
            digests.sha256 = [1]
            digests.tensorSHA256 = [2]
            digests.afterHeaderSHA256 = [3]
            digests.legacyWindowSHA256 = [4]
            digests.blake3 = [5]
            digests.crc32 = .max
            let content = try store.write { (connection) throws(ShelfError) in
                let known = try connection.knownFile(id: id)
                try connection.setHeader(
                    content: known?.content ?? 0, StoredHeader(format: "safetensors", ["title": .string("t")]))
                return try connection.setDigests(location: id, digests, sample: [9], identity)
            }
            let stored = try #require(
                try store.read { (connection) throws(ShelfError) in try connection.content(content) })
            #expect(stored.digests.sha256 == [1])
            #expect(stored.digests.tensorSHA256 == [2])
            #expect(stored.digests.afterHeaderSHA256 == [3])
            #expect(stored.digests.legacyWindowSHA256 == [4])
            #expect(stored.digests.blake3 == [5])
            #expect(stored.digests.crc32 == .max)
            #expect(stored.sample == [9])
            #expect(stored.header == ["title": .string("t")])
            #expect(try store.file(id)?.stage == .hashed)
            #expect(try store.file(id)?.remoteStatus == "pending")
            #expect(try store.file(id)?.isUnsettled == false)
        }
    }

    @Test func aFileWrittenJustNowIsUnsettled() throws {
        try Folder.use { folder in
            let store = try folder.openStore()
            var identity = try folder.identity("a")
            identity.modified = Clock.wallNanoseconds()
            let id = try store.takeUp(try store.root(), "a", identity)
            try store.hash(id, 1, identity)
            #expect(try store.file(id)?.isUnsettled == true)
        }
    }

    @Test(arguments: [Int64.min, .max]) func aTimeAtTheEdge(modified: Int64) throws {
        try Folder.use { folder in
            let store = try folder.openStore()
            var identity = try folder.identity("a")
            identity.modified = modified
            let id = try store.takeUp(try store.root(), "a", identity)
            try store.hash(id, 1, identity)
            #expect(try store.file(id)?.isUnsettled == (modified == .max))
        }
    }

    @Test func filesOfEqualBytesShareOneContentAndWhatWasSaid() throws {
        try Folder.use { folder in
            let store = try folder.openStore()
            let root = try store.root()
            let identity = try folder.identity("a")
            let (first, second) = (try store.takeUp(root, "a", identity), try store.takeUp(root, "b", identity))
            let known = try #require(try store.file(first)).content
            let other = try #require(try store.file(second)).content
            try store.say(known, "tags", .strings(["a", "b"]))
            try store.say(other, "tags", .strings(["b", "c"]))
            try store.say(known, "notes", .string("older"))
            try store.say(other, "own", .int(1))
            Clock.sleep(milliseconds: 3)
            try store.say(other, "notes", .string("newer"))
            try store.say(known, "name", .string("kept"))
            try store.hash(first, 1, identity)
            #expect(try store.hash(second, 1, identity) == known)
            #expect(try store.file(second)?.content == known)
            #expect(try store.count("content") == 1)
            #expect(
                try store.said(known) == [
                    "user.tags": .strings(["a", "b", "c"]), "user.notes": .string("newer"), "user.own": .int(1),
                    "user.name": .string("kept"),
                ])
            #expect(try store.history(known).contains(["notes", "\"older\"", "\"newer\""]))
        }
    }

    @Test func theOlderValueStaysInTheHistory() throws {
        try Folder.use { folder in
            let store = try folder.openStore()
            let root = try store.root()
            let identity = try folder.identity("a")
            let (first, second) = (try store.takeUp(root, "a", identity), try store.takeUp(root, "b", identity))
            let known = try #require(try store.file(first)).content
            let other = try #require(try store.file(second)).content
            try store.say(other, "notes", .string("draft"))
            try store.say(other, "notes", .string("older"))
            Clock.sleep(milliseconds: 3)
            try store.say(known, "notes", .string("newer"))
            try store.hash(first, 1, identity)
            try store.hash(second, 1, identity)
            #expect(try store.said(known) == ["user.notes": .string("newer")])
            let history = try store.history(known)
            #expect(history.contains(["notes", "\"older\"", "\"newer\""]))
            // What was said and taken back before the two met is not lost either.
            #expect(history.contains(["notes", "\"draft\"", "\"older\""]))
        }
    }

    @Test func valuesThatAgreeLeaveNoTrace() throws {
        try Folder.use { folder in
            let store = try folder.openStore()
            let root = try store.root()
            let identity = try folder.identity("a")
            let id = try store.takeUp(root, "a", identity)
            let content = try store.hash(id, 1, identity)
            try store.say(content, "notes", .string("n"))
            try store.say(content, "tags", .strings(["t"]))
            let before = try store.history(content)
            for _ in 0..<3 {
                _ = try store.takeUp(root, "a", identity, force: true)
                #expect(try store.hash(id, 1, identity) == content)
            }
            #expect(try store.history(content) == before)
            #expect(try store.said(content).count == 2)
        }
    }

    @Test func aChangedFileWithTheSameTensorsKeepsValuesAndOldDigest() throws {
        try Folder.use { folder in
            let store = try folder.openStore()
            let root = try store.root()
            let (first, second) = (try folder.identity("a", size: 10), try folder.identity("b", size: 20))
            let id = try store.takeUp(root, "a", first)
            let old = try store.hash(id, 1, tensors: 7, first)
            try store.say(old, "notes", .string("mine"))
            try store.say(old, "type", .string("LORA"), source: "folder")
            _ = try store.takeUp(root, "a", second)
            #expect(try store.said(try #require(try store.file(id)).content) == ["user.notes": .string("mine")])
            let new = try store.hash(id, 2, tensors: 7, second)
            #expect(new != old)
            #expect(try store.said(new)["user.notes"] == .string("mine"))
            #expect(try store.history(new).isEmpty)
            let found = try store.read { (connection) throws(ShelfError) in
                try connection.contents(digest: String(repeating: "01", count: 32))
            }
            #expect(Set(found) == [old, new])
        }
    }

    @Test func everyOldDigestOfTheTensorsFindsTheFile() throws {
        try Folder.use { folder in
            let store = try folder.openStore()
            let root = try store.root()
            let identities = try (0..<4).map { try folder.identity("\($0)", size: 10 + $0) }
            let id = try store.takeUp(root, "a", identities[0])
            try store.hash(id, 1, tensors: 7, identities[0])
            for (index, identity) in identities.enumerated().dropFirst() {
                _ = try store.takeUp(root, "a", identity)
                // The last edit takes the first one back.
                try store.hash(id, index == 3 ? 1 : UInt8(index + 1), tensors: 7, identity)
            }
            let content = try #require(try store.file(id)).content
            for digest in ["01", "02", "03"] {
                #expect(try store.contents(digest: String(repeating: digest, count: 32)).contains(content), "\(digest)")
            }
        }
    }

    @Test func aChangedFileWithOtherTensorsKeepsValuesWithATrace() throws {
        try Folder.use { folder in
            let store = try folder.openStore()
            let root = try store.root()
            let (first, second) = (try folder.identity("a", size: 10), try folder.identity("b", size: 20))
            let id = try store.takeUp(root, "a", first)
            let old = try store.hash(id, 1, tensors: 7, first)
            try store.say(old, "notes", .string("mine"))
            _ = try store.takeUp(root, "a", second)
            let new = try store.hash(id, 2, tensors: 8, second)
            #expect(try store.said(new)["user.notes"] == .string("mine"))
            #expect(try store.history(new) == [["notes", "\"mine\"", "\"mine\""]])
            #expect(try store.count("former_digest") == 0)
            // The bytes that were there before are still known, should they come back.
            #expect(try store.said(old)["user.notes"] == .string("mine"))
        }
    }

    /// A file that changes twice before it is hashed still follows the one that was known.
    @Test func predecessorsOfFilesThatWereNeverHashed() throws {
        try Folder.use { folder in
            let store = try folder.openStore()
            let root = try store.root()
            let identities = try (0..<4).map { try folder.identity("\($0)", size: 10 + $0) }
            let id = try store.takeUp(root, "a", identities[0])
            let old = try store.hash(id, 1, tensors: 7, identities[0])
            try store.say(old, "notes", .string("mine"))
            for identity in identities[1...] { _ = try store.takeUp(root, "a", identity) }
            let new = try store.hash(id, 2, tensors: 7, identities[3])
            #expect(try store.said(new)["user.notes"] == .string("mine"))
            #expect(try store.count("content") == 2)
            #expect(try store.count("former_digest") == 1)
            #expect(try store.history(new).isEmpty)
        }
    }

    /// A link that the user made is a value like any other.
    @Test func aPinnedMatchGoesAlong() throws {
        try Folder.use { folder in
            let store = try folder.openStore()
            let root = try store.root()
            let identity = try folder.identity("a")
            let (first, second) = (try store.takeUp(root, "a", identity), try store.takeUp(root, "b", identity))
            let known = try store.hash(first, 1, tensors: 7, identity)
            let provisional = try #require(try store.file(second)).content
            let link = RemoteRecord(
                status: .found, model: 5, version: 6, file: nil, matchedBy: "user", summary: ["model_id": .int(5)],
                isPinned: true, attempts: 0, checkedAt: 1, problem: nil)
            try store.write { (connection) throws(ShelfError) in
                try connection.setRemote(content: provisional, link, due: .max)
            }
            try store.hash(second, 1, tensors: 7, identity)
            func remote(_ content: Int64) throws -> RemoteRecord? {
                try store.read { (connection) throws(ShelfError) in try connection.remote(content: content) }
            }
            #expect(try remote(known)?.isPinned == true)
            #expect(try remote(known)?.model == 5)
            // The header is edited: other bytes, the same model.
            let edited = try folder.identity("c", size: 30)
            _ = try store.takeUp(root, "a", edited)
            let new = try store.hash(first, 2, tensors: 7, edited)
            #expect(new != known)
            #expect(try remote(new)?.isPinned == true)
            #expect(try remote(new)?.version == 6)
        }
    }

    @Test func unhashedContentsAreNotFoundByDigest() throws {
        try Folder.use { folder in
            let store = try folder.openStore()
            _ = try store.takeUp(try store.root(), "a", try folder.identity("a"))
            for text in ["00000000", "0000000000", "e3b0c44298fc"] {
                let found = try store.read { (connection) throws(ShelfError) in try connection.contents(digest: text) }
                #expect(found.isEmpty)
            }
        }
    }
}

@Suite struct DigestSearchTests {
    private let sha = (0..<32).map { UInt8(0xa0 + $0 % 16) }
    private let after = (0..<32).map { UInt8(0xb0 + $0 % 16) }
    private let tensors = (0..<32).map { UInt8(0xc0 + $0 % 16) }
    private let legacy = (0..<32).map { UInt8(0xd0 + $0 % 16) }
    private let blake = (0..<32).map { UInt8(0xe0 + $0 % 16) }

    /// A store with one content that has all of these digests, and one of the highest bytes.
    private func prepare(_ folder: Folder) throws -> (store: Store, content: Int64) {
        let store = try folder.openStore()
        let root = try store.root()
        let identity = try folder.identity("a")
        let (id, other) = (try store.takeUp(root, "a", identity), try store.takeUp(root, "b", identity))
        var digests = StoredDigests()
        digests.sha256 = sha
        digests.afterHeaderSHA256 = after
        digests.tensorSHA256 = tensors
        digests.legacyWindowSHA256 = legacy
        digests.blake3 = blake
        digests.crc32 = 0x0d4a_1185
        let content = try store.write { (connection) throws(ShelfError) in
            try connection.setDigests(location: id, digests, sample: [1], identity)
        }
        try store.hash(other, 0xff, tensors: 0xff, identity)
        return (store, content)
    }

    @Test func everyLengthInAnyCase() throws {
        try Folder.use { folder in
            let (store, content) = try prepare(folder)
            let texts = [
                Hex.encode(sha), Hex.encode(after), Hex.encode(tensors), Hex.encode(blake), Hex.encode(sha.prefix(5)),
                Hex.encode(sha.prefix(6)), Hex.encode(after.prefix(6)), Hex.encode(legacy.prefix(4)), "0d4a1185",
                "85114a0d",
            ]
            for text in texts {
                #expect(try store.contents(digest: text) == [content], "\(text)")
                #expect(try store.contents(digest: text.uppercased()) == [content], "\(text)")
            }
        }
    }

    @Test func otherLengthsAndTextsFindNothing() throws {
        try Folder.use { folder in
            let (store, _) = try prepare(folder)
            var texts = (0...40).filter { ![5, 6, 32].contains($0) }.map { Hex.encode((sha + sha).prefix($0)) }
            texts += ["", "a", "a0a1a2a3a", "xyz", "' OR 1=1 --", "a0a1a2a3a4 ", "\u{ff10}"]
            texts += [Hex.encode(tensors.prefix(6)), Hex.encode(after.prefix(5))]
            for text in texts { #expect(try store.contents(digest: text).isEmpty, "\(text)") }
        }
    }

    /// The end of a range of prefixes must not lose digests of the highest bytes.
    @Test func digestsOfTheHighestBytes() throws {
        try Folder.use { folder in
            let (store, content) = try prepare(folder)
            let high = try store.contents(digest: "ffffffffff")
            #expect(high.count == 1)
            #expect(high != [content])
            #expect(try store.contents(digest: String(repeating: "f", count: 64)) == high)
            #expect(try store.contents(digest: "ffffffffffff") == high)
        }
    }
}
