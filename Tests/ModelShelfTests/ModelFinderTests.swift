import Glibc
import ShelfBase
import ShelfTestSupport
import Testing

@testable import ModelShelf

@Suite struct ModelFinderTests {
    private func find(_ places: FilePath...) throws -> ModelFinder {
        var finder = ModelFinder()
        try finder.find(in: places, cancellation: Cancellation())
        return finder
    }

    private func names(_ finder: ModelFinder, below folder: FilePath) -> Set<String> {
        Set(finder.files.map { $0.path.relative(to: folder)?.display ?? $0.path.display })
    }

    @Test func byName() throws {
        try Folder.use { folder in
            let wanted = ["a.safetensors", "b.CKPT", "deep/er/c.pt", "d.gguf", "e.onnx", "f.Sft", "g.bin", "h.vae.pt"]
            let others = [
                "a.png", "a.json", "a.txt", "a.yaml", "a.civitai.info", "noextension", ".hidden.safetensors",
                ".folder/x.safetensors", "x.safetensors.part", "x.safetensors.tmp", "x.safetensors.crdownload",
                "x.safetensors.aria2x", "safetensors", ".safetensors", "x.safetensors~",
            ]
            for name in wanted + others { try folder.write(name, "x") }
            #expect(names(try find(folder.path), below: folder.path) == Set(wanted))
        }
    }

    @Test func whatIsNoFile() throws {
        try Folder.use { folder in
            _ = try folder.makeFolder("dir.safetensors")
            try folder.write("dir.safetensors/inside.safetensors", "x")
            _ = try folder.makeFIFO("pipe.safetensors")
            try folder.link("dangling.safetensors", to: FilePath("nowhere"))
            try folder.link("loop.safetensors", to: FilePath("loop.safetensors"))
            try folder.link("device.safetensors", to: FilePath("/dev/null"))
            let finder = try find(folder.path)
            #expect(names(finder, below: folder.path) == ["dir.safetensors/inside.safetensors"])
            #expect(finder.problems.isEmpty)
        }
    }

    @Test func unfinishedDownloads() throws {
        try Folder.use { folder in
            try folder.write("one.safetensors", "growing")
            try folder.write("one.safetensors.aria2", "x")
            try folder.write("two.safetensors", "")
            try folder.write("two.safetensors.part", "growing")
            try folder.write("three.safetensors", "whole, and fetched again")
            try folder.write("three.safetensors.part", "growing")
            try folder.write("four.safetensors", "")
            try folder.write("other/one.safetensors", "whole")
            #expect(
                names(try find(folder.path), below: folder.path)
                    == ["three.safetensors", "four.safetensors", "other/one.safetensors"])
        }
    }

    @Test func cyclesEnd() throws {
        try Folder.use { folder in
            try folder.write("a/x.safetensors", "x")
            try folder.link("a/up", to: FilePath(".."))
            try folder.link("a/self", to: FilePath("."))
            try folder.link("b", to: FilePath("a/up/b"))
            try folder.link("c", to: FilePath("a"))
            try folder.link("d", to: FilePath("c"))
            let finder = try find(folder.path)
            #expect(names(finder, below: folder.path) == ["a/x.safetensors"])
            #expect(finder.problems.isEmpty)
        }
    }

    @Test func oneFileOfManyNames() throws {
        try Folder.use { folder in
            let real = try folder.write("z/real.safetensors", "x")
            try folder.hardLink("z/twin.safetensors", to: real)
            try folder.link("a-link.safetensors", to: real)
            try folder.link("m.txt", to: real)
            try folder.link("named.safetensors", to: try folder.write("blob", "y"))
            let finder = try find(folder.path)
            #expect(finder.files.count == 2)
            let file = try #require(finder.files.first { $0.path.display.contains("/z/") })
            #expect(Set(file.otherPaths + [file.path]).count == 3)
            #expect(file.otherPaths.contains(folder["a-link.safetensors"]))
            // The blob has no name of a model of its own: the link is its name.
            #expect(finder.files.contains { $0.path == folder["named.safetensors"] })
        }
    }

    @Test func aLinkedFolderComesAfterTheRealOne() throws {
        try Folder.use { folder in
            try folder.write("z/deep/x.safetensors", "x")
            try folder.link("a", to: folder["z/deep"])
            let finder = try find(folder.path)
            #expect(finder.files.map(\.path) == [folder["z/deep/x.safetensors"]])
            // From outside the link is the only way.
            try folder.link("elsewhere/l", to: folder["z"])
            #expect(try find(folder["elsewhere"]).files.map(\.path) == [folder["elsewhere/l/deep/x.safetensors"]])
        }
    }

    @Test func placesThatOverlap() throws {
        try Folder.use { folder in
            let file = try folder.write("a/b/x.safetensors", "x")
            #expect(try find(folder["a/b"], folder.path, folder["a"], folder.path, file).files.count == 1)
        }
    }

    @Test func singleFilesAreTakenByWhateverName() throws {
        try Folder.use { folder in
            let finder = try find(try folder.write("model.part", "x"), try folder.write(".hidden.pt", "y"))
            #expect(finder.files.count == 2)
        }
    }

    @Test func namesOfAnyBytes() throws {
        try Folder.use { folder in
            let odd = FilePath(bytes: [0xff] + Array(".safetensors".utf8))
            try folder.write(odd, [1])
            try folder.write("\u{e9}.safetensors", "1")
            try folder.write("e\u{301}.safetensors", "2")
            try folder.write("new\nline.safetensors", "3")
            let finder = try find(folder.path)
            #expect(finder.files.count == 4)
            #expect(finder.files.contains { $0.path == folder.path.appending(odd) })
        }
    }

    @Test func whatCannotBeLookedAtIsSaid() throws {
        try Folder.use { folder in
            let finder = try find(folder["none"], try folder.makeFIFO("pipe"))
            #expect(finder.files.isEmpty)
            #expect(finder.problems.map(\.code) == [.notFound, .unreadable])
        }
    }

    @Test func aFolderThatMayNotBeListed() throws {
        try Folder.use { folder in
            try folder.write("x.safetensors", "x")
            let closed = try folder.makeFolder("closed")
            try folder.write("closed/y.safetensors", "y")
            let finder = try AsNobody.run(folder, closed: closed) { try find(folder.path) }
            #expect(names(finder, below: folder.path) == ["x.safetensors"])
            #expect(finder.problems.map(\.path) == [closed])
            #expect(finder.problems.map(\.code) == [.unreadable])
        }
    }

    @Test func cancelled() throws {
        try Folder.use { folder in
            let cancellation = Cancellation()
            cancellation.cancel()
            var finder = ModelFinder()
            #expect(throws: ShelfError.self) { try finder.find(in: [folder.path], cancellation: cancellation) }
        }
    }
}
