import ShelfBase
import ShelfStore
import ShelfTestSupport
import Testing

@Suite struct LocationTests {
    @Test func takingUpTwiceIsOnce() throws {
        try Folder.use { folder in
            let store = try folder.openStore()
            let root = try store.root()
            let identity = try folder.identity("a")
            let id = try store.takeUp(root, "a", identity)
            #expect(try store.takeUp(root, "a", identity) == id)
            #expect(try store.count("content") == 1)
            let file = try #require(try store.file(id))
            #expect(file.isUnchanged(identity))
            #expect(file.stage == .found)
            #expect(!file.isMissing)
            #expect(file.remoteStatus == nil)
        }
    }

    @Test func aMissingFileThatIsBackIsNotMissing() throws {
        try Folder.use { folder in
            let store = try folder.openStore()
            let root = try store.root()
            let identity = try folder.identity("a")
            let id = try store.takeUp(root, "a", identity)
            try store.write { (connection) throws(ShelfError) in try connection.setMissing(id, true) }
            #expect(try store.file(id)?.isMissing == true)
            #expect(try store.takeUp(root, "a", identity) == id)
            #expect(try store.file(id)?.isMissing == false)
        }
    }

    @Test func aChangedFileStartsAnew() throws {
        try Folder.use { folder in
            let store = try folder.openStore()
            let root = try store.root()
            let first = try folder.identity("a", size: 10)
            let id = try store.takeUp(root, "a", first)
            let content = try store.hash(id, 1, first)
            let second = try folder.identity("b", size: 20)
            #expect(try store.takeUp(root, "a", second) == id)
            let file = try #require(try store.file(id))
            #expect(file.content != content)
            #expect(file.stage == .found)
            #expect(file.size == 20)
            #expect(file.isUnchanged(second))
        }
    }

    @Test func forcedItStartsAnewToo() throws {
        try Folder.use { folder in
            let store = try folder.openStore()
            let root = try store.root()
            let identity = try folder.identity("a")
            let id = try store.takeUp(root, "a", identity)
            let content = try store.hash(id, 1, identity)
            #expect(try store.takeUp(root, "a", identity, force: true) == id)
            #expect(try store.file(id)?.stage == .found)
            #expect(try store.hash(id, 1, identity) == content)
            #expect(try store.count("content") == 1)
        }
    }

    @Test func moving() throws {
        try Folder.use { folder in
            let store = try folder.openStore()
            let (root, other) = (try store.root(), try store.root("/other"))
            let identity = try folder.identity("a")
            let id = try store.takeUp(root, "a", identity)
            let taken = try store.takeUp(root, "taken", try folder.identity("b"))
            let file = try #require(try store.file(id))
            let moves = try store.write { (connection) throws(ShelfError) in
                [
                    try connection.move(file, toRoot: other, path: FilePath("x/y"), identity),
                    // The row is not where it was thought to be any more.
                    try connection.move(file, toRoot: other, path: FilePath("z"), identity),
                ]
            }
            #expect(moves == [true, false])
            let moved = try #require(try store.file(id))
            #expect(moved.root == other)
            #expect(moved.path == FilePath("x/y"))
            let ontoAnother = try store.write { (connection) throws(ShelfError) in
                try connection.move(moved, toRoot: root, path: FilePath("taken"), identity)
            }
            #expect(!ontoAnother)
            #expect(try store.file(taken)?.path == FilePath("taken"))
        }
    }

    @Test func aCopySharesContentStageAndProblem() throws {
        try Folder.use { folder in
            let store = try folder.openStore()
            let root = try store.root()
            let identity = try folder.identity("a")
            let id = try store.takeUp(root, "a", identity)
            let content = try store.hash(id, 1, identity)
            let file = try #require(try store.file(id))
            let copy = try store.write { (connection) throws(ShelfError) in
                try connection.addCopy(of: file, root: root, path: FilePath("b"), identity.sibling)
            }
            #expect(copy != id)
            #expect(try store.file(copy)?.content == content)
            #expect(try store.file(copy)?.stage == .hashed)
            #expect(try store.count("content") == 1)
            let all = try store.read { (connection) throws(ShelfError) in try connection.knownFiles(content: content) }
            #expect(all.map(\.path) == [FilePath("a"), FilePath("b")])
        }
    }

    @Test func belowAFolderIsByBytes() throws {
        try Folder.use { folder in
            let store = try folder.openStore()
            let root = try store.root()
            let identity = try folder.identity("a")
            let ff = FilePath(bytes: [0x61, 0xff])
            let names =
                ["a/x", "a/\u{10ffff}", "a0", "a.x", "a", "ab/x", "A/x"].map { FilePath($0) }
                + [
                    FilePath(bytes: [0x61, 0x2f, 0xff, 0xff]), ff, ff.appending("x"),
                    FilePath(bytes: ff.bytes + [0x30]),
                ]
            for name in names { _ = try store.takeUp(root, name, identity) }
            func below(_ path: FilePath) throws -> Set<FilePath> {
                Set(
                    try store.read { (connection) throws(ShelfError) in
                        try connection.knownFiles(root: root, below: path)
                    }.map(\.path))
            }
            #expect(
                try below(FilePath("a")) == [
                    FilePath("a"), FilePath("a/x"), FilePath("a/\u{10ffff}"),
                    FilePath(bytes: [0x61, 0x2f, 0xff, 0xff]),
                ])
            #expect(try below(ff) == [ff, ff.appending("x")])
            #expect(try below(FilePath("")).count == names.count)
            #expect(try below(FilePath("none")).isEmpty)
            for name in names {
                let file = try store.read { (connection) throws(ShelfError) in
                    try connection.knownFile(root: root, path: name)
                }
                #expect(file?.path == name)
            }
        }
    }

    @Test func namesInTwoNormalFormsAreTwoFiles() throws {
        try Folder.use { folder in
            let store = try folder.openStore()
            let root = try store.root()
            let identity = try folder.identity("a")
            let first = try store.takeUp(root, "\u{e9}", identity)
            #expect(try store.takeUp(root, "e\u{301}", identity) != first)
        }
    }

    @Test func everyNumberOfAnIdentityFits() throws {
        try Folder.use { folder in
            let store = try folder.openStore()
            let root = try store.root()
            var identity = try folder.identity("a")
            identity.inode = .max
            identity.device = .max - 1
            identity.modified = .min
            identity.changed = .max
            let id = try store.takeUp(root, "a", identity)
            #expect(try store.file(id)?.isUnchanged(identity) == true)
            let found = try store.read { (connection) throws(ShelfError) in
                try connection.knownFiles(inode: .max, size: identity.size)
            }
            #expect(found.map(\.id) == [id])
        }
    }

    @Test func problemsAreKeptAndCleared() throws {
        try Folder.use { folder in
            let store = try folder.openStore()
            let root = try store.root()
            let identity = try folder.identity("a")
            let id = try store.takeUp(root, "a", identity)
            try store.write { (connection) throws(ShelfError) in
                try connection.setProblem(id, ShelfError(.corruptFile, "bad"), stage: .hashed)
            }
            #expect(try store.file(id)?.problemCode == "corrupt_file")
            #expect(try store.file(id)?.problem == "bad")
            #expect(try store.file(id)?.stage == .hashed)
            _ = try store.takeUp(root, "a", identity.sibling)
            #expect(try store.file(id)?.problemCode == nil)
            #expect(try store.file(id)?.stage == .found)
        }
    }
}

extension FileIdentity {
    /// The same but for the inode: a copy with its times.
    fileprivate var sibling: FileIdentity {
        var other = self
        other.inode += 1
        return other
    }
}
