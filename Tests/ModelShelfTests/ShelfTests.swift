import ModelShelf
import ShelfBase
import ShelfTestSupport
import Testing

@Suite struct ShelfTests {
    @Test func oneForEachDatabase() throws {
        try Folder.use { folder in
            let shelf = try folder.openShelf()
            #expect(try folder.openShelf() === shelf)
            try folder.link("alias", to: folder["database"])
            #expect(try Shelf.open(database: folder["alias/library.db"], offline: true) === shelf)
            #expect(try Shelf.open(database: folder["database/other.db"], offline: true) !== shelf)
        }
    }

    @Test func closedAndOpenedAgain() throws {
        try Folder.use { folder in
            let shelf = try folder.openShelf()
            let path = try folder.model("a.safetensors", 1)
            _ = try shelf.scan(folder.models)
            shelf.close()
            shelf.close()
            let calls: [() throws -> Void] = [
                { _ = try shelf.record(path) }, { _ = try shelf.list() }, { _ = try shelf.search("a") },
                { _ = try shelf.scan(folder.models) }, { _ = try shelf.update(path, []) }, { _ = try shelf.roots() },
                { try shelf.addRoot(folder.models, type: nil) }, { try shelf.removeRoot(folder.models) },
                { _ = try shelf.storedHash(path, "sha256") }, { _ = try shelf.unlink(path) },
                { _ = try shelf.doctor() },
                { _ = try shelf.lookup(["model:1"]) }, { _ = try shelf.link(path, model: 1, version: nil) },
            ]
            for call in calls {
                let error = #expect(throws: ShelfError.self) { try call() }
                #expect(error?.code == .usage)
            }
            let again = try folder.openShelf()
            #expect(again !== shelf)
            #expect(try again.record(path).hash("sha256") != nil)
            #expect(try again.scan(folder.models).counts == ["files": 1, "unchanged": 1, "pending": 1])
        }
    }

    /// Edits to a file that nobody can open any more would be lost without a word.
    @Test(arguments: [false, true]) func aDatabaseThatIsTakenAway(isReplaced: Bool) throws {
        try Folder.use { folder in
            let shelf = try folder.openShelf()
            let path = try folder.model("a.safetensors", 1)
            _ = try shelf.scan(folder.models)
            if isReplaced { try folder.move("database", to: "elsewhere") } else { folder.remove("database") }
            if isReplaced { try folder.write("database/library.db", "") }
            let error = #expect(throws: ShelfError.self) { _ = try shelf.update(path, [.notes("lost")]) }
            #expect(error?.code == .storeError)
            #expect(error?.hint != nil)
            let again = try folder.openShelf()
            #expect(again !== shelf)
            _ = try again.scan(folder.models)
            #expect(try again.update(path, [.notes("kept")]).json["user"]?["notes"]?.string == "kept")
            #expect(try folder.openShelf() === again)
        }
    }

    @Test func storedHashes() throws {
        try Folder.use { folder in
            let shelf = try folder.openShelf()
            let path = try folder.model("a.safetensors", 1)
            #expect(try shelf.storedHash(path, "sha256") == nil)
            _ = try shelf.scan(folder.models, hash: false)
            #expect(try shelf.storedHash(path, "sha256") == nil)
            _ = try shelf.scan(folder.models)
            let sha256 = try #require(try shelf.storedHash(path, "SHA256"))
            for _ in 0..<3 { #expect(try shelf.storedHash(path, "autov2")?.lowercased() == String(sha256.prefix(10))) }
            #expect(try shelf.storedHash(path, "autov1") == nil)
            #expect(try shelf.storedHash(folder["none"], "sha256") == nil)
            #expect(failure { () throws(ShelfError) in _ = try shelf.storedHash(path, "md4") }?.code == .usage)
            try folder.model("a.safetensors", 2, modified: 1_700_000_001)
            #expect(try shelf.storedHash(path, "sha256") == nil)
            _ = try shelf.scan(folder.models)
            #expect(try shelf.storedHash(path, "sha256") != sha256)
            folder.remove("models/a.safetensors")
            #expect(try shelf.storedHash(path, "sha256") == nil)
        }
    }

    @Test func listing() throws {
        try Folder.use { folder in
            let shelf = try folder.openShelf()
            for number in 0..<5 {
                try folder.model("m\(number).safetensors", UInt8(number), modified: 1_700_000_000 + number)
            }
            _ = try shelf.scan(folder.models, type: "VAE")
            var filter = ModelFilter()
            filter.limit = 2
            filter.offset = 2
            let page = try shelf.list(filter)
            #expect(page.models.map(\.name) == ["m2", "m3"])
            #expect(page.total == 5)
            #expect(page.json["total"]?.int == 5)
            #expect(page.json["models"]?.array?.count == 2)
            filter = ModelFilter()
            filter.sort = .modified
            #expect(try shelf.list(filter).models.first?.name == "m4")
            filter.type = "vaes"
            #expect(try shelf.list(filter).total == 5)
            filter.type = "nonsense"
            #expect(throws: ShelfError.self) { try shelf.list(filter) }
            #expect(try shelf.search("m3").models.map(\.name) == ["m3"])
            #expect(try shelf.search("\"* OR (").total == 0)
        }
    }

    @Test func theReportHasEveryKey() throws {
        let json = ScanReport().json
        #expect(
            Array(json.keys.prefix(14)) == [
                "files", "new", "changed", "unchanged", "moved", "missing", "hashed", "bytes_hashed", "identified",
                "not_on_civitai", "pending", "failed", "requests", "seconds",
            ])
    }

    @Test func theDoctorLooksAround() throws {
        try Folder.use { folder in
            let shelf = try folder.openShelf()
            try folder.model("a.safetensors", 1)
            try shelf.addRoot(folder.models, type: nil)
            let findings = try shelf.doctor()
            #expect(findings["ok"] == .bool(true))
            let checks = findings["checks"]?.array ?? []
            #expect(checks.contains { $0["name"]?.string == "database" && $0["status"]?.string == "ok" })
            #expect(checks.contains { $0["name"]?.string == "root" && $0["status"]?.string == "ok" })
            #expect(checks.contains { $0["name"]?.string == "civitai" && $0["status"]?.string == "warn" })
            folder.remove("models")
            let later = try shelf.doctor()["checks"]?.array ?? []
            #expect(later.contains { $0["name"]?.string == "root" && $0["status"]?.string == "warn" })
        }
    }
}
