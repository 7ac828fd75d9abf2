import ModelShelf
import ShelfBase
import ShelfTestSupport
import Testing

/// Registered folders, folders in folders, and libraries that are found at another place.
@Suite struct RootScanTests {
    @Test func registeredRootsAreScannedByDefault() throws {
        try Folder.use { folder in
            let shelf = try folder.openShelf()
            try folder.model("a.safetensors", 1)
            try folder.link("alias", to: folder.models)
            try shelf.addRoot(folder["alias"], type: "lora")
            let roots = try #require(try shelf.roots()["roots"]?.array)
            #expect(roots.count == 1)
            #expect(roots.first?["path"]?.string == folder.models.display)
            #expect(roots.first?["type"]?.string == "LORA")
            #expect(roots.first?["state"]?.string == "online")
            #expect(try shelf.scan().counts == ["files": 1, "new": 1, "hashed": 1, "pending": 1])
            #expect(try shelf.roots()["roots"]?[0]?["files"]?.int == 1)
            #expect(try shelf.list().models.first?.type == "LORA")
            try shelf.removeRoot(folder["alias"])
            #expect(try shelf.roots()["roots"] == .array([]))
            #expect(throws: ShelfError.self) { try shelf.removeRoot(folder.models) }
            #expect(try shelf.list().total == 1)
        }
    }

    @Test func whatIsNoRoot() throws {
        try Folder.use { folder in
            let shelf = try folder.openShelf()
            let file = try folder.model("a.safetensors", 1)
            for (path, type, code) in [
                (folder["none"], nil, ErrorCode.notFound), (file, nil, .usage), (folder.models, "nonsense", .usage),
            ] {
                #expect(failure { () throws(ShelfError) in try shelf.addRoot(path, type: type) }?.code == code)
            }
        }
    }

    @Test func theTypeOfAFolderIsSpeltAsEverywhere() throws {
        try Folder.use { folder in
            let shelf = try folder.openShelf()
            let a = try folder.model("a.safetensors", 1)
            _ = try shelf.scan(folder.models, type: "sd")
            #expect(try shelf.record(a).type == "Checkpoint")
            #expect(try shelf.record(a).json["sources"]?["type"]?.string == "folder")
            #expect(throws: ShelfError.self) { try shelf.scan(folder.models, type: "nonsense") }
        }
    }

    @Test func rootsInRoots() throws {
        try Folder.use { folder in
            let shelf = try folder.openShelf()
            let outer = try folder.model("a.safetensors", 1)
            let inner = try folder.model("loras/b.safetensors", 2)
            try shelf.addRoot(folder.models, type: "Checkpoint")
            try shelf.addRoot(folder["models/loras"], type: "LORA")
            #expect(try shelf.scan().counts == ["files": 2, "new": 2, "hashed": 2, "pending": 2])
            #expect(try shelf.record(outer).type == "Checkpoint")
            #expect(try shelf.record(inner).type == "LORA")
            // However it is named, no file gets a second record.
            let places = [
                [], [folder.models], [folder["models/loras"]], [folder["models/loras"], folder.models], [inner],
            ]
            for place in places {
                var request = ScanRequest(folders: place.map { ScanRequest.Folder(path: $0) })
                request.lookup = false
                let report = try shelf.scan(request)
                #expect(report.unchanged == report.files, "\(place)")
                #expect(report.new + report.missing + report.failed.count == 0, "\(place)")
                #expect(try shelf.paths() == [outer, inner])
                #expect(try shelf.list().total == 2)
            }
            try folder.move("models/loras/b.safetensors", to: "models/b.safetensors")
            let moved = try shelf.scan(folder.models)
            #expect(moved.moved == 1)
            #expect(moved.missing == 0)
            #expect(try shelf.list().total == 2)
        }
    }

    @Test func aDeepFolderOfTheOuterRootBesideTheInnerOne() throws {
        try Folder.use { folder in
            let shelf = try folder.openShelf()
            let outer = try folder.model("checkpoints/of/somebody/a.safetensors", 1)
            let inner = try folder.model("loras/b.safetensors", 2)
            try shelf.addRoot(folder.models, type: "Checkpoint")
            try shelf.addRoot(folder["models/loras"], type: "LORA")
            let deep = folder["models/checkpoints/of/somebody"]
            #expect(try shelf.scan(deep, folder["models/loras"]).new == 2)
            #expect(try shelf.scan(folder["models/loras"], deep).unchanged == 2)
            #expect(try shelf.scan().unchanged == 2)
            #expect(try shelf.paths() == [outer, inner])
            #expect(try shelf.list().total == 2)
            #expect(try shelf.record(outer).type == "Checkpoint")
            #expect(try shelf.record(inner).type == "LORA")
            try folder.move("models/loras", to: "unplugged")
            let away = try shelf.scan()
            #expect(away.failed.map(\.code) == [.offlineRoot])
            #expect(away.missing == 0)
        }
    }

    @Test func aFolderAroundWhatWasScannedBefore() throws {
        try Folder.use { folder in
            let shelf = try folder.openShelf()
            try folder.model("one/a.safetensors", 1)
            try folder.model("two/b.safetensors", 2)
            _ = try shelf.scan(folder["models/one"])
            try shelf.addRoot(folder["models/two"], type: "VAE")
            _ = try shelf.scan()
            #expect(try shelf.scan(folder.models).counts == ["files": 2, "unchanged": 2, "pending": 2])
            #expect(try shelf.list().total == 2)
        }
    }

    @Test func aLibraryThatLiesElsewhereNow() throws {
        try Folder.use { folder in
            let shelf = try folder.openShelf()
            for number in 0..<5 { try folder.model("d/m\(number).safetensors", UInt8(number)) }
            _ = try shelf.scan(folder.models)
            _ = try shelf.update(folder["models/d/m3.safetensors"], [.notes("mine")])
            try folder.move("models", to: "mounted/library")
            let report = try shelf.scan(folder["mounted/library"])
            #expect(report.files == 5)
            #expect(report.hashed == 0)
            #expect(report.failed.isEmpty)
            #expect(
                try shelf.record(folder["mounted/library/d/m3.safetensors"]).json["user"]?["notes"]?.string == "mine")
            // The same bytes at an old place that is away, not gone: they are copies until it is known.
            try folder.move("mounted/library", to: "models")
            #expect(try shelf.scan(folder.models).hashed == 0)
        }
    }
}
