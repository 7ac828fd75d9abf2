import Glibc
import ShelfBase
import ShelfTestSupport
import Testing

@Suite struct FolderReaderTests {
    private func names(_ folder: FilePath) throws -> [FilePath: FolderEntry] {
        let entries = try FolderReader.entries(of: folder) { _, _ in .look }
        return Dictionary(uniqueKeysWithValues: entries.map { ($0.name, $0) })
    }

    @Test func everyKindOfEntry() throws {
        try Folder.use { folder in
            try folder.write("file", "abc")
            _ = try folder.makeFolder("inner")
            _ = try folder.makeFIFO("pipe")
            try folder.link("to-file", to: FilePath("file"))
            try folder.link("to-inner", to: FilePath("inner"))
            try folder.link("to-nothing", to: FilePath("nowhere"))
            try folder.link("loop", to: FilePath("loop"))
            let odd = FilePath(bytes: [0x78, 0xff, 0x2e])
            try folder.write(odd, [1])
            try folder.write("...", "x")
            let entries = try names(folder.path)
            #expect(entries.count == 9)
            #expect(entries[FilePath("file")]?.identity?.size == 3)
            #expect(entries[FilePath("file")]?.isLink == false)
            #expect(entries[FilePath("inner")]?.identity?.kind == .folder)
            #expect(entries[FilePath("pipe")]?.identity?.kind == .other)
            #expect(entries[FilePath("to-file")]?.isLink == true)
            #expect(entries[FilePath("to-file")]?.identity == entries[FilePath("file")]?.identity)
            #expect(entries[FilePath("to-inner")]?.identity?.kind == .folder)
            for name in ["to-nothing", "loop"] {
                #expect(entries[FilePath(name)]?.isLink == true)
                #expect(entries[FilePath(name)]?.identity == nil)
            }
            #expect(entries[odd]?.identity?.size == 1)
            #expect(entries[FilePath("...")] != nil)
        }
    }

    @Test func onlyWhatIsWantedIsLookedAt() throws {
        try Folder.use { folder in
            for number in 0..<300 { try folder.write("f\(number)", "") }
            _ = try folder.makeFolder("d")
            var asked: [FilePath: Bool?] = [:]
            let entries = try FolderReader.entries(of: folder.path) { name, isFile in
                asked[name] = isFile
                return name.display.hasSuffix("7") ? .look : .skip
            }
            #expect(asked.count == 301)
            #expect(asked[FilePath("d")] != .some(.some(true)))
            #expect(entries.count == 30)
        }
    }

    @Test func whatIsNoFolder() throws {
        try Folder.use { folder in
            let file = try folder.write("file", "")
            for (path, code) in [(folder["none"], ErrorCode.notFound), (file, .notFound)] {
                let error = failure { () throws(ShelfError) in _ = try FolderReader.entries(of: path) { _, _ in .look }
                }
                #expect(error?.code == code)
                #expect(error?.path == path)
            }
        }
    }
}

@Suite struct ReadableFileTests {
    @Test func reads() throws {
        try Folder.use { folder in
            let file = try ReadableFile(try folder.write("f", "0123456789"))
            #expect(file.size == 10)
            #expect(try file.bytes(at: 3, count: 4) == Array("3456".utf8))
            #expect(try file.bytes(at: 8, count: 10) == Array("89".utf8))
            #expect(try file.bytes(at: 10, count: 1) == [])
            #expect(try file.bytes(at: 1 << 40, count: 1) == [])
            #expect(try file.bytes(at: -1, count: 1) == [])
            #expect(try file.bytes(at: 0, count: 0) == [])
            #expect(try file.bytes(at: 0, count: -1) == [])
        }
    }

    @Test func whatIsNoFile() throws {
        try Folder.use { folder in
            try folder.link("loop", to: FilePath("loop"))
            try folder.link("dangling", to: FilePath("nowhere"))
            let file = try folder.write("plain", "")
            let cases: [(FilePath, ErrorCode)] = [
                (try folder.makeFIFO("fifo.safetensors"), .unreadable), (folder.path, .unreadable),
                (folder["missing"], .notFound), (file.appending("below"), .notFound), (folder["dangling"], .notFound),
                (folder["loop"], .unreadable), (FilePath("/dev/null"), .unreadable), (FilePath(""), .notFound),
                (folder[String(repeating: "x", count: 300)], .unreadable),
            ]
            for (path, code) in cases {
                let error = failure { () throws(ShelfError) in _ = try ReadableFile(path) }
                #expect(error?.code == code, "\(path)")
                #expect(error?.path == path)
            }
        }
    }

    @Test func aFileOfNobodyIsUnreadable() throws {
        try Folder.use { folder in
            let path = try folder.write("secret", "x")
            _ = path.withCString { chmod($0, 0) }
            let error = failure { () throws(ShelfError) in _ = try ReadableFile(path) }
            // The superuser reads everything.
            #expect(error?.code == (geteuid() == 0 ? nil : .unreadable))
        }
    }

    @Test func identityTellsChanges() throws {
        try Folder.use { folder in
            let file = try ReadableFile(try folder.write("f", "abc"))
            #expect(file.currentIdentity()?.isUntouched(since: file.identity) == true)
            try folder.write("f", "abcd")
            #expect(file.currentIdentity()?.size == 4)
            #expect(file.currentIdentity()?.isUntouched(since: file.identity) == false)
            folder.remove("f")
            #expect(try file.bytes(at: 0, count: 9) == Array("abcd".utf8))
        }
    }
}

@Suite struct FileIdentityTests {
    @Test func linksFollowedOrNot() throws {
        try Folder.use { folder in
            let file = try folder.write("f", "abc")
            let link = try folder.link("l", to: file)
            let twin = try folder.hardLink("h", to: file)
            let own = try FileIdentity.of(file).get()
            #expect(try FileIdentity.of(link).get() == own)
            #expect(try FileIdentity.of(twin).get() == own)
            #expect(try FileIdentity.of(link, followLinks: false).get().kind == .link)
            #expect(try FileIdentity.of(folder.path).get().kind == .folder)
            #expect(throws: ShelfError.self) { try FileIdentity.of(folder["none"]).get() }
        }
    }

    @Test func timesInNanoseconds() throws {
        try Folder.use { folder in
            let file = try folder.write("f", "")
            try folder.touch("f", 1_000_000_000)
            #expect(try FileIdentity.of(file).get().modified == 1_000_000_000_000_000_000)
            try folder.touch("f", -5)
            #expect(try FileIdentity.of(file).get().modified == -5_000_000_000)
        }
    }
}

@Suite struct PathsTests {
    @Test func absoluteLeavesLinksAndDots() throws {
        #expect(Paths.absolute(FilePath("/a/../b")) == FilePath("/a/../b"))
        let here = try #require(Paths.resolved(FilePath(".")))
        #expect(Paths.absolute(FilePath("x/../y")) == here.appending("x/../y"))
    }

    @Test func resolvedFollowsEverything() throws {
        try Folder.use { folder in
            let odd = FilePath(bytes: [0xff, 0x2e])
            let file = try folder.write(odd, [])
            try folder.link("a", to: FilePath("b"))
            try folder.link("b", to: file)
            #expect(Paths.resolved(folder["a"]) == file)
            #expect(Paths.resolved(folder["./x/.."].appending(odd)) == nil)
            #expect(Paths.resolved(folder["."].appending(odd)) == file)
            try folder.link("loop", to: FilePath("loop"))
            #expect(Paths.resolved(folder["loop"]) == nil)
            #expect(Paths.resolved(folder["none"]) == nil)
        }
    }

    @Test func foldersAreMadeForTheUserAlone() throws {
        try Folder.use { folder in
            try Paths.createFolder(folder["a/b/c"])
            try Paths.createFolder(folder["a/b/c"])
            var status = stat()
            #expect(folder["a/b"].withCString { stat($0, &status) } == 0)
            #expect(status.st_mode & 0o777 == 0o700)
            try folder.write("file", "")
            #expect(failure { () throws(ShelfError) in try Paths.createFolder(folder["file/x"]) }?.code == .notFound)
            #expect(failure { () throws(ShelfError) in try Paths.createFolder(FilePath("")) } != nil)
        }
    }
}

@Suite(.serialized) struct EnvironmentTests {
    private func with(_ name: String, _ value: String?, _ body: () -> Void) {
        if let value { setenv(name, value, 1) } else { unsetenv(name) }
        body()
        unsetenv(name)
    }

    @Test func valuesAndFlags() {
        let name = "MODELSHELF_TEST_VARIABLE"
        with(name, nil) {
            #expect(Environment.value(name) == nil)
            #expect(!Environment.flag(name))
            #expect(Environment.path(name) == nil)
        }
        with(name, "") {
            #expect(Environment.value(name) == nil)
            #expect(Environment.path(name) == nil)
        }
        for text in ["0", "false", "NO", "Off"] { with(name, text) { #expect(!Environment.flag(name), "\(text)") } }
        for text in ["1", "true", "yes", "anything"] { with(name, text) { #expect(Environment.flag(name), "\(text)") } }
        with(name, "/a b") { #expect(Environment.path(name) == FilePath("/a b")) }
    }
}
