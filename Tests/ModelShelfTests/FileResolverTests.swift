import ModelShelf
import ShelfBase
import ShelfTestSupport
import Testing

@Suite struct FileResolverTests {
    private func prepare(_ folder: Folder) throws -> Shelf {
        let shelf = try folder.openShelf()
        try folder.model("loras/exusiai.safetensors", 1)
        try folder.model("loras/v1.5 (final).safetensors", 2)
        try folder.model("a/same.safetensors", 3)
        try folder.model("b/same.safetensors", 4)
        try folder.model("b/12345678.safetensors", 5)
        _ = try shelf.scan(folder.models)
        return shelf
    }

    private func code(_ shelf: Shelf, _ what: String) -> ErrorCode? {
        failure { () throws(ShelfError) in _ = try shelf.record(FilePath(what)) }?.code
    }

    @Test func byPath() throws {
        try Folder.use { folder in
            let shelf = try prepare(folder)
            let file = folder["models/loras/exusiai.safetensors"]
            try folder.link("models/alias", to: folder["models/loras"])
            try folder.link("link.safetensors", to: file)
            let ways = [
                file, folder["models/alias/exusiai.safetensors"], folder["link.safetensors"],
                folder["models/../models/./loras/exusiai.safetensors"], FilePath("loras/exusiai.safetensors"),
                FilePath("exusiai.safetensors"), FilePath("loras/exusiai"),
            ]
            for way in ways { #expect(try shelf.record(way).path == file, "\(way)") }
            folder.remove("models/loras/exusiai.safetensors")
            #expect(try shelf.record(file).path == file)
            #expect(try shelf.record(folder["models/alias/exusiai.safetensors"]).path == file)
        }
    }

    @Test func byName() throws {
        try Folder.use { folder in
            let shelf = try prepare(folder)
            #expect(try shelf.record(FilePath("exusiai")).name == "exusiai")
            #expect(try shelf.record(FilePath("EXUSIAI")).name == "exusiai")
            #expect(try shelf.record(FilePath("v1.5 (final)")).name == "v1.5 (final)")
            #expect(try shelf.record(FilePath("12345678")).name == "12345678")
            #expect(try shelf.record(FilePath("b/same")).path == folder["models/b/same.safetensors"])
        }
    }

    @Test func byEveryHash() throws {
        try Folder.use { folder in
            let shelf = try prepare(folder)
            let record = try shelf.record(FilePath("exusiai"))
            for name in ["sha256", "autov2", "autov3", "tensor_sha256", "crc32", "crc32_civitai"] {
                let hash = try #require(record.hash(name))
                for text in [hash, hash.uppercased(), hash.lowercased(), " \(hash) "] {
                    #expect(try shelf.record(FilePath(text)).path == record.path, "\(name)")
                }
            }
            let sha256 = try #require(record.hash("sha256"))
            #expect(try shelf.record(FilePath("sha256:" + sha256)).path == record.path)
        }
    }

    @Test func severalFit() throws {
        try Folder.use { folder in
            let shelf = try prepare(folder)
            for what in ["same", "same.safetensors"] {
                let error = failure { () throws(ShelfError) in _ = try shelf.record(FilePath(what)) }
                #expect(error?.code == .ambiguous)
                #expect(
                    Set(error?.candidates ?? [])
                        == [folder["models/a/same.safetensors"].display, folder["models/b/same.safetensors"].display])
                #expect(error?.hint != nil)
            }
        }
    }

    @Test func copiesAreOneModelAndTheOneThatIsThereStandsForIt() throws {
        try Folder.use { folder in
            let shelf = try prepare(folder)
            try folder.model("c/copy.safetensors", 1)
            _ = try shelf.scan(folder.models)
            let sha256 = try #require(try shelf.record(FilePath("copy")).hash("sha256"))
            folder.remove("models/c/copy.safetensors")
            _ = try shelf.scan(folder.models)
            #expect(try shelf.record(FilePath(sha256)).path == folder["models/loras/exusiai.safetensors"])
        }
    }

    @Test func nothingFits() throws {
        try Folder.use { folder in
            let shelf = try prepare(folder)
            let texts = [
                "nothing", "model:1", "version:1", "https://civitai.com/models/1", "urn:air:sdxl:lora:civitai:1@2",
                "0000000000",
                String(repeating: "a", count: 64), "/nowhere/at/all", "exusia", "*", "' OR 1=1 --",
            ]
            for text in texts { #expect(code(shelf, text) == .notFound, "\(text)") }
            #expect(code(shelf, "") == .notFound)
            let unscanned = try folder.write("elsewhere/x.safetensors", "x")
            let error = failure { () throws(ShelfError) in _ = try shelf.record(unscanned) }
            #expect(error?.code == .notFound)
            #expect(error?.path == unscanned)
            #expect(error?.hint?.contains("scan") == true)
        }
    }

    @Test func bytesThatAreNoText() throws {
        try Folder.use { folder in
            let shelf = try folder.openShelf()
            let names = [0xfe, 0xff].map { FilePath(bytes: [0x78, UInt8($0)] + Array(".safetensors".utf8)) }
            for (index, name) in names.enumerated() {
                try folder.write(FilePath("models").appending(name), safetensors(UInt8(index)))
            }
            _ = try shelf.scan(folder.models)
            for name in names {
                #expect(try shelf.record(folder.models.appending(name)).path == folder.models.appending(name))
                #expect(try shelf.record(name).path == folder.models.appending(name))
                #expect(try shelf.record(name.stem).path == folder.models.appending(name))
            }
        }
    }
}
