import ShelfBase
import ShelfStore
import ShelfTestSupport
import Testing

@Suite struct RootTests {
    private func ensure(_ store: Store, _ path: FilePath) throws -> (root: Root, below: FilePath) {
        try store.write { (connection) throws(ShelfError) in try connection.ensureRoot(holding: path) }
    }

    private func ensure(_ store: Store, _ path: String) throws -> (root: Root, below: FilePath) {
        try ensure(store, FilePath(path))
    }

    private func register(_ store: Store, _ path: String, _ type: String? = nil) throws {
        try store.write { (connection) throws(ShelfError) in try connection.registerRoot(FilePath(path), type: type) }
    }

    /// Every known path in full.
    private func paths(_ store: Store) throws -> Set<FilePath> {
        try store.read { (connection) throws(ShelfError) in
            var paths: Set<FilePath> = []
            for root in try connection.roots() {
                for file in try connection.knownFiles(root: root.id, below: FilePath("")) {
                    paths.insert(root.path.appending(file.path))
                }
            }
            return paths
        }
    }

    @Test func aFolderBelowARootBelongsToIt() throws {
        try Folder.use { folder in
            let store = try folder.openStore()
            let outer = try ensure(store, "/a/b")
            #expect(outer.below.isEmpty)
            let inner = try ensure(store, "/a/b/c/d")
            #expect(inner.root.id == outer.root.id)
            #expect(inner.below == FilePath("c/d"))
            #expect(try ensure(store, "/a/bc").root.id != outer.root.id)
            #expect(!outer.root.isRegistered)
            #expect(outer.root.allowsLookup)
        }
    }

    @Test func aRootAroundOthersTakesThemIn() throws {
        try Folder.use { folder in
            let store = try folder.openStore()
            let identity = try folder.identity("a")
            let odd = FilePath(bytes: Array("/a/b".utf8) + [0xff])
            for (root, names) in [(FilePath("/a/b"), ["x", "c/y"]), (odd, ["z"]), (FilePath("/ab"), ["w"])] {
                let id = try ensure(store, root).root.id
                for name in names { _ = try store.takeUp(id, name, identity) }
                _ = try store.takeUp(id, FilePath(bytes: [0xfe, 0x2f, 0x30]), identity)
            }
            let before = try paths(store)
            #expect(before.count == 7)
            let outer = try ensure(store, "/a")
            #expect(outer.below.isEmpty)
            #expect(try paths(store) == before)
            #expect(try store.count("root") == 2)
            #expect(try store.count("location WHERE root_id = \(outer.root.id)") == 5)
            #expect(try ensure(store, odd).below == FilePath(bytes: [0x62, 0xff]))
        }
    }

    @Test func theRootOfEverything() throws {
        try Folder.use { folder in
            let store = try folder.openStore()
            let identity = try folder.identity("a")
            _ = try store.takeUp(try store.root("/a/b"), "x", identity)
            let all = try ensure(store, "/")
            #expect(all.below.isEmpty)
            #expect(try paths(store) == [FilePath("/a/b/x")])
            #expect(try ensure(store, "/q/r").below == FilePath("q/r"))
        }
    }

    @Test func registeringInsideSplits() throws {
        try Folder.use { folder in
            let store = try folder.openStore()
            let identity = try folder.identity("a")
            let outer = try store.root("/a")
            for name in ["x", "b/y", "b0", "b.z", "b/c/\u{e9}"] { _ = try store.takeUp(outer, name, identity) }
            _ = try store.takeUp(outer, FilePath(bytes: [0x62, 0x2f, 0xff, 0xfe]), identity)
            let before = try paths(store)
            try register(store, "/a/b", "LORA")
            #expect(try paths(store) == before)
            let inner = try ensure(store, "/a/b")
            #expect(inner.below.isEmpty)
            #expect(inner.root.type == "LORA")
            #expect(inner.root.isRegistered)
            #expect(try store.count("location WHERE root_id = \(inner.root.id)") == 3)
        }
    }

    /// Of roots inside each other the inner one holds what is in it, whatever is scanned.
    @Test func theInnermostRootHolds() throws {
        try Folder.use { folder in
            let store = try folder.openStore()
            try register(store, "/a", "Checkpoint")
            try register(store, "/a/b", "LORA")
            #expect(try ensure(store, "/a/b/c").root.path == FilePath("/a/b"))
            #expect(try ensure(store, "/a/b/c").below == FilePath("c"))
            #expect(try ensure(store, "/a/d").root.path == FilePath("/a"))
            #expect(try ensure(store, "/").root.path == FilePath("/"))
            #expect(try ensure(store, "/a/b").root.type == "LORA")
        }
    }

    @Test func aRootInARootNeedsATypeOfItsOwn() throws {
        try Folder.use { folder in
            let store = try folder.openStore()
            try register(store, "/a", "LORA")
            for type in [nil, "LORA"] {
                let error = #expect(throws: ShelfError.self) { try register(store, "/a/b", type) }
                #expect(error?.code == .usage)
            }
            try register(store, "/a/b", "VAE")
            try register(store, "/a", nil)
            #expect(try ensure(store, "/a").root.type == nil)
        }
    }

    @Test func unregistered() throws {
        try Folder.use { folder in
            let store = try folder.openStore()
            let identity = try folder.identity("a")
            try register(store, "/a", "LORA")
            _ = try store.takeUp(try store.root("/a"), "x", identity)
            let removed = try store.write { (connection) throws(ShelfError) in
                [try connection.unregisterRoot(FilePath("/a")), try connection.unregisterRoot(FilePath("/a"))]
            }
            #expect(removed == [true, false])
            #expect(try paths(store) == [FilePath("/a/x")])
            #expect(try ensure(store, "/a").root.type == nil)
        }
    }

    @Test func missingFilesDoNotCount() throws {
        try Folder.use { folder in
            let store = try folder.openStore()
            let root = try store.root()
            let identity = try folder.identity("a")
            let id = try store.takeUp(root, "a", identity)
            _ = try store.takeUp(root, "b", identity)
            try store.write { (connection) throws(ShelfError) in try connection.setMissing(id, true) }
            #expect(try store.read { (connection) throws(ShelfError) in try connection.countFiles(root: root) } == 1)
        }
    }
}
