import ShelfBase
import ShelfStore
import ShelfTestSupport
import Testing

@Suite struct ListingTests {
    private static let names = ["Zoo", "alpha beta", "Ünïcode", "c++ (v1.5)", "alphabet soup"]

    private func fill(_ folder: Folder) throws -> Store {
        let store = try folder.openStore()
        let root = try store.root()
        for (index, name) in Self.names.enumerated() {
            let identity = try folder.identity("f\(index)", size: 10 + index, modified: 1000 - index)
            let path = FilePath("dir\(index)/file\(index).safetensors")
            let id = try store.takeUp(root, path, identity)
            var listing = Listing(name: name)
            listing.type = index.isMultiple(of: 2) ? "LORA" : "VAE"
            listing.baseModel = index == 1 ? "SDXL 1.0" : nil
            listing.isFavorite = index == 3
            listing.tags = ["common", "tag\(index)"]
            listing.words = ["trigger\(index)"]
            listing.description = "a long text, number\(index)"
            listing.notes = index == 4 ? "remember me" : ""
            let content = try store.file(id)?.content ?? 0
            try store.write { (connection) throws(ShelfError) in
                try connection.setListing(location: id, content: content, path: path, listing)
            }
        }
        return store
    }

    private func list(_ store: Store, _ change: (inout ListingQuery) -> Void) throws -> (names: [String], total: Int) {
        var query = ListingQuery()
        change(&query)
        return try store.read { (connection) throws(ShelfError) in
            let (ids, total) = try connection.list(query)
            var names: [String] = []
            for id in ids {
                try connection.rows("SELECT name FROM location WHERE id = ?", [.int(id)]) {
                    names.append($0.text(0) ?? "")
                }
            }
            return (names, total)
        }
    }

    private func search(_ store: Store, _ text: String) throws -> Set<String> {
        Set(try list(store) { $0.text = text }.names)
    }

    @Test func searching() throws {
        try Folder.use { folder in
            let store = try fill(folder)
            #expect(try search(store, "alpha") == ["alpha beta", "alphabet soup"])
            #expect(try search(store, "ALPHA bet") == ["alpha beta"])
            #expect(try search(store, "alpha soup") == ["alphabet soup"])
            #expect(try search(store, "alpha nothing").isEmpty)
            #expect(try search(store, "unicode") == ["Ünïcode"])
            #expect(try search(store, "U\u{308}nicode") == ["Ünïcode"])
            #expect(try search(store, "trigger2") == ["Ünïcode"])
            #expect(try search(store, "tag0") == ["Zoo"])
            #expect(try search(store, "number3") == ["c++ (v1.5)"])
            #expect(try search(store, "remember") == ["alphabet soup"])
            #expect(try search(store, "file1") == ["alpha beta"])
            #expect(try search(store, "c++ v1.5") == ["c++ (v1.5)"])
            #expect(try search(store, "long - text").count == 5)
        }
    }

    @Test(arguments: [
        "", " ", "\"", "\"\"", "*", "alpha*", "^alpha", "alpha AND", "NEAR(a b)", "name:alpha", "{name}:alpha",
        "-alpha",
        "(", ")", "a OR b", "NOT", "'; DROP TABLE location; --", "\\", "\0", "alpha\0beta", "\u{200b}", "%", "_",
        "alpha\"beta",
        "++", "\u{1f600}", "\u{301}", "col : x", "+", "a+b", "\u{2160}\u{ff21}", ",,,",
    ])
    func hostileQueries(text: String) throws {
        try Folder.use { folder in
            let store = try fill(folder)
            let found = try search(store, text)
            #expect(found.isSubset(of: Set(Self.names)), "\(text)")
            #expect(try store.count("location") == 5)
        }
    }

    @Test func longQueries() throws {
        try Folder.use { folder in
            let store = try fill(folder)
            #expect(try search(store, (0..<2000).map { "word\($0)" }.joined(separator: " ")).isEmpty)
            #expect(try search(store, Array(repeating: "alpha", count: 2000).joined(separator: " ")).count == 2)
            #expect(try search(store, String(repeating: "x", count: 1_000_000)).isEmpty)
        }
    }

    @Test func filters() throws {
        try Folder.use { folder in
            let store = try fill(folder)
            #expect(try list(store) { $0.type = "lora" }.total == 3)
            #expect(try list(store) { $0.baseModel = "sdxl 1.0" }.names == ["alpha beta"])
            #expect(try list(store) { $0.tag = "TAG2" }.names == ["Ünïcode"])
            #expect(try list(store) { $0.tag = "common" }.total == 5)
            #expect(try list(store) { $0.tag = "tag" }.total == 0)
            #expect(try list(store) { $0.isFavorite = true }.names == ["c++ (v1.5)"])
            #expect(try list(store) { $0.isMissingMetadata = true }.total == 5)
            #expect(
                try list(store) {
                    $0.text = "alpha"
                    $0.type = "VAE"
                }.names == ["alpha beta"])
            #expect(try list(store) { $0.type = "' OR 1=1" }.total == 0)
        }
    }

    @Test func ordersAndPages() throws {
        try Folder.use { folder in
            let store = try fill(folder)
            #expect(try list(store) { _ in }.names == ["alpha beta", "alphabet soup", "c++ (v1.5)", "Zoo", "Ünïcode"])
            #expect(try list(store) { $0.sort = .size }.names == Self.names.reversed())
            #expect(try list(store) { $0.sort = .modified }.names == Self.names)
            for sort in [ListingQuery.Sort.added, .type, .baseModel] {
                #expect(try list(store) { $0.sort = sort }.names.count == 5)
            }
            let page = try list(store) {
                $0.sort = .modified
                $0.limit = 2
                $0.offset = 1
            }
            #expect(page.names == ["alpha beta", "Ünïcode"])
            #expect(page.total == 5)
            #expect(try list(store) { $0.offset = 99 }.total == 5)
            #expect(try list(store) { $0.limit = 0 }.names.isEmpty)
            #expect(try list(store) { $0.limit = 0 }.total == 5)
        }
    }

    @Test func aRowIsReplaced() throws {
        try Folder.use { folder in
            let store = try fill(folder)
            let id = try #require(
                try store.read { (connection) throws(ShelfError) in try connection.locations(named: "zoo") }.first)
            let content = try store.file(id)?.content ?? 0
            try store.write { (connection) throws(ShelfError) in
                try connection.setListing(location: id, content: content, path: FilePath("p"), Listing(name: "renamed"))
            }
            #expect(try search(store, "zoo").isEmpty)
            #expect(try search(store, "renamed") == ["renamed"])
            #expect(try list(store) { $0.tag = "tag0" }.total == 0)
            #expect(try store.count("model_text") == 5)
        }
    }

    @Test func namesAndEndsOfPaths() throws {
        try Folder.use { folder in
            let store = try fill(folder)
            let root = try store.root()
            let odd = FilePath(bytes: Array("dir/".utf8) + [0xff] + Array(".pt".utf8))
            let id = try store.takeUp(root, odd, try folder.identity("odd"))
            func ending(_ bytes: [UInt8]) throws -> [Int64] {
                try store.read { (connection) throws(ShelfError) in
                    try connection.locations(pathSuffix: FilePath(bytes: bytes))
                }
            }
            #expect(try ending([0xff] + Array(".pt".utf8)) == [id])
            #expect(try ending([0xff]) == [id])
            #expect(try ending(odd.bytes) == [id])
            #expect(try ending(Array("ir/".utf8) + [0xff]).isEmpty)
            #expect(try ending(Array("file1.safetensors".utf8)).count == 1)
            #expect(try ending(Array("dir1/file1".utf8)).count == 1)
            #expect(try ending(Array("ile1".utf8)).isEmpty)
            #expect(try ending(Array(".safetensors".utf8)).isEmpty)
        }
    }
}
