import ModelShelf
import ShelfBase
import ShelfTestSupport
import Testing

@Suite struct RecordTests {
    /// Every key of the record, nested ones with a dot.
    private static let keys = [
        "path", "path_bytes", "name", "size", "mtime", "type", "format", "architecture", "base_model", "precision",
        "hashes", "civitai", "trigger_words", "training", "preview", "user", "safety", "duplicates", "missing",
        "sources",
        "hashes.sha256", "hashes.autov1", "hashes.autov2", "hashes.autov3", "hashes.tensor_sha256", "hashes.blake3",
        "hashes.crc32", "hashes.crc32_civitai", "civitai.model_id", "civitai.version_id", "civitai.file_id",
        "civitai.model_name", "civitai.version_name", "civitai.type", "civitai.base_model", "civitai.creator",
        "civitai.tags", "civitai.trained_words", "civitai.nsfw_level", "civitai.description", "civitai.license",
        "civitai.air", "civitai.url", "civitai.published_at", "civitai.status", "civitai.checked_at", "civitai.source",
        "user.tags", "user.notes", "user.favorite", "user.fields", "safety.verdict", "safety.findings",
    ]

    private func value(_ record: ModelRecord, _ key: String) -> JSONValue? {
        key.split(separator: ".").reduce(JSONValue.object(record.json)) { value, part in value?[String(part)] }
    }

    @Test func everyKeyIsAlwaysThere() throws {
        try Folder.use { folder in
            let shelf = try folder.openShelf()
            let good = try folder.model("good.safetensors", 1)
            let bad = try folder.write("models/bad.safetensors", "<html>")
            let odd = try folder.write("models/odd.pt", "no pickle at all, but long enough to be looked at")
            for hash in [false, true] {
                _ = try shelf.scan(folder.models, hash: hash)
                for path in [good, bad, odd] {
                    let record = try shelf.record(path)
                    for key in Self.keys { #expect(value(record, key) != nil, "\(key) of \(path)") }
                    #expect(record.json.keys.count == Set(record.json.keys).count)
                }
            }
            let record = try shelf.record(good)
            #expect(record.json["preview"] == .null)
            #expect(record.json["path_bytes"] == .null)
            #expect(value(record, "hashes.autov1") == .null)
            #expect(value(record, "hashes.blake3")?.string?.utf8.count == 64)
            #expect(value(record, "civitai.model_id") == .null)
            #expect(value(record, "civitai.tags") == .array([]))
            #expect(value(record, "user.tags") == .array([]))
            #expect(value(record, "user.favorite") == .bool(false))
            #expect(value(record, "safety.verdict") == .string("safe"))
            #expect(record.json["mtime"] == .double(1_700_000_000))
            #expect(record.json["trigger_words"] == .array([]))
            #expect(record.json["duplicates"] == .array([]))
            #expect(value(record, "sources.name") == .string("name"))
        }
    }

    @Test func hashesAreWrittenAsEverywhere() throws {
        try Folder.use { folder in
            let shelf = try folder.openShelf()
            let path = try folder.write("models/a.safetensors", safetensors(7, count: 0x200000))
            _ = try shelf.scan(folder.models)
            let record = try shelf.record(path)
            let all = try FileTools.hash([path], algorithms: ["all"])["files"]?[0]?["hashes"]
            for name in ["sha256", "autov1", "autov2", "autov3", "tensor_sha256", "crc32", "crc32_civitai"] {
                let hash = try #require(record.hash(name), "\(name)")
                #expect(all?[name]?.string == hash, "\(name)")
                #expect(try shelf.storedHash(path, name) == hash, "\(name)")
                #expect(Hex.isHex(hash))
                let isUpper = name.hasPrefix("autov") || name == "crc32_civitai"
                #expect(hash == (isUpper ? hash.uppercased() : hash.lowercased()), "\(name)")
            }
            #expect(record.hash("autov2")?.count == 10)
            #expect(record.hash("autov1")?.count == 8)
            #expect(record.hash("autov3")?.count == 12)
        }
    }
}

@Suite struct EditTests {
    private func with(_ body: (Shelf, FilePath) throws -> Void) throws {
        try Folder.use { folder in
            let shelf = try folder.openShelf()
            let path = try folder.model("a.safetensors", 1)
            _ = try shelf.scan(folder.models)
            try body(shelf, path)
        }
    }

    @Test func notesAndFavourites() throws {
        try with { shelf, path in
            let before = try shelf.record(path)
            let record = try shelf.update(path, [.notes("a \u{1f600} note"), .favorite(true)])
            #expect(record.json["user"]?["notes"]?.string == "a \u{1f600} note")
            #expect(record.json["user"]?["favorite"] == .bool(true))
            var filter = ModelFilter()
            filter.favorite = true
            #expect(try shelf.list(filter).total == 1)
            let undone = try shelf.update(path, [.notes(""), .favorite(false)])
            #expect(undone.json == before.json)
            #expect(try shelf.list(filter).total == 0)
            #expect(try shelf.names("note").isEmpty)
        }
    }

    @Test func tags() throws {
        try with { shelf, path in
            _ = try shelf.update(path, [.tags([" a ", "A", "", "b", "\t"])])
            #expect(try shelf.record(path).json["user"]?["tags"] == .strings(["a", "b"]))
            _ = try shelf.update(path, [.addTag("c"), .addTag("B"), .removeTag("A"), .removeTag("none")])
            #expect(try shelf.record(path).json["user"]?["tags"] == .strings(["b", "c"]))
            var filter = ModelFilter()
            filter.tag = "C"
            #expect(try shelf.list(filter).total == 1)
            _ = try shelf.update(path, [.removeTag("b"), .removeTag("c")])
            #expect(try shelf.record(path).json["user"]?["tags"] == .array([]))
            _ = try shelf.update(path, [.addTag(" ")])
            #expect(try shelf.record(path).json["user"]?["tags"] == .array([]))
        }
    }

    @Test func valuesOfTheRecordAndTheWayBack() throws {
        try with { shelf, path in
            let before = try shelf.record(path)
            let record = try shelf.update(
                path,
                [
                    .field("name", .string("My name")), .field("type", .string("ti")),
                    .field("base_model", .string("Mine")),
                    .field("trigger_words", .strings(["w1", "w2"])), .field("rating", .int(5)),
                    .field("nested", .object(["a": .array([.null])])),
                ])
            #expect(record.name == "My name")
            #expect(record.type == "TextualInversion")
            #expect(record.baseModel == "Mine")
            #expect(record.triggerWords == ["w1", "w2"])
            #expect(
                record.json["user"]?["fields"]
                    == .object(["nested": .object(["a": .array([.null])]), "rating": .int(5)]))
            for field in ["name", "type", "base_model", "trigger_words"] {
                #expect(record.json["sources"]?[field]?.string == "user", "\(field)")
            }
            #expect(try shelf.record(FilePath("my NAME")).path == path)
            #expect(try shelf.names("w2") == ["My name"])
            let fields = ["name", "type", "base_model", "trigger_words", "rating", "nested"]
            #expect(try shelf.update(path, fields.map { .field($0, nil) }).json == before.json)
            _ = try shelf.update(path, [.field("name", .string("x")), .field("trigger_words", .strings(["w"]))])
            #expect(
                try shelf.update(path, [.field("name", .null), .field("trigger_words", .null)]).json == before.json)
        }
    }

    @Test(arguments: [
        ("type", JSONValue.string("nonsense")), ("type", .int(1)), ("name", .int(1)), ("base_model", .bool(true)),
        ("architecture", .int(1)), ("trigger_words", .string("w")), ("trigger_words", .array([.int(1)])), ("", .int(1)),
        ("tags", .string("t")), ("tags", .array([.int(1)])), ("favorite", .string("yes")), ("notes", .int(1)),
        (String(repeating: "x", count: 300), .int(1)),
    ])
    func wrongValuesAreRefusedAndNothingIsChanged(field: String, value: JSONValue) throws {
        try with { shelf, path in
            let before = try shelf.record(path)
            let error = failure { () throws(ShelfError) in
                _ = try shelf.update(path, [.notes("not kept"), .field(field, value)])
            }
            #expect(error?.code == .usage)
            #expect(try shelf.record(path).json == before.json)
        }
    }

    @Test func fieldsByTheNamesOfEdits() throws {
        try with { shelf, path in
            let record = try shelf.update(
                path,
                [.field("notes", .string("n")), .field("favorite", .bool(true)), .field("tags", .strings(["a", "A"]))])
            #expect(record.json["user"]?["notes"]?.string == "n")
            #expect(record.json["user"]?["favorite"] == .bool(true))
            #expect(record.json["user"]?["tags"] == .strings(["a"]))
        }
    }

    @Test func unlinked() throws {
        try with { shelf, path in
            let record = try shelf.unlink(path)
            #expect(record.civitaiStatus == "not_found")
            let report = try shelf.scan(path)
            #expect(report.counts == ["files": 1, "unchanged": 1])
            #expect(report.notOnCivitai == 1)
            let error = failure { () throws(ShelfError) in _ = try shelf.link(path, model: 1, version: nil) }
            #expect(error?.code == .network)
        }
    }
}
