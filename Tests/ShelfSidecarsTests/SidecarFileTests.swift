import ShelfBase
import ShelfSidecars
import ShelfTestSupport
import Testing

@Suite struct SidecarFileTests {
    private func write(
        _ path: FilePath, _ text: String, earlier: FileIdentity? = nil
    ) throws(ShelfError) -> FileIdentity? {
        try SidecarWriter.replace(
            path, with: Array(text.utf8), earlier: earlier, lock: try FolderLock(path.parent))
    }

    @Test func isReplacedInOneStep() throws {
        try Folder.use { folder in
            let path = folder["x.metadata.json"]
            let first = try #require(try write(path, "{}"))
            #expect(try SidecarText.read(path)?.identity.inode == first.inode)
            // Without the file that it was made from, or with another one, nothing is overwritten.
            #expect(try write(path, #"{"a": 1}"#) == nil)
            let second = try #require(try write(path, #"{"a": 1}"#, earlier: SidecarText.read(path)?.identity))
            #expect(second.inode != first.inode)
            #expect(try write(path, "{}", earlier: first) == nil)
            #expect(try SidecarText.read(path)?.object["a"] == ExactJSON(1))
            #expect(
                try FolderReader.entries(of: folder.path) { _, _ in .look }.map(\.name.display) == ["x.metadata.json"])
        }
    }

    @Test func removesWhatKilledWritersLeft() throws {
        try Folder.use { folder in
            try folder.write(".modelshelf-1-2-abc.tmp", "half")
            try folder.write(".modelshelf-notes.txt", "not ours")
            _ = try write(folder["x.metadata.json"], "{}")
            #expect(!folder.exists(".modelshelf-1-2-abc.tmp"))
            #expect(folder.exists(".modelshelf-notes.txt"))
        }
    }

    @Test func keepsDamagedOnesUnderFreeNames() throws {
        try Folder.use { folder in
            for (text, name) in [("{", "x.corrupt"), ("[]", "x.corrupt-2"), ("", "x.corrupt-3")] {
                try folder.write("x", text)
                try folder.touch("x", 1_000_000)
                #expect(
                    failure { () throws(ShelfError) in _ = try SidecarText.read(folder["x"]) }?.code == .corruptFile)
                #expect(try SidecarText.setAside(folder["x"]) == folder[name])
                #expect(folder.exists(name) && !folder.exists("x"))
            }
        }
    }

    @Test func neitherHangsOnNorFollowsNorReplacesWhatIsNoFile() throws {
        try Folder.use { folder in
            let names = ["fifo", "folder", "link", "nowhere"]
            _ = try folder.makeFIFO("fifo")
            _ = try folder.makeFolder("folder")
            let target = try folder.write("target", "damaged")
            try folder.touch("target", 1_000_000)
            try folder.link("link", to: target)
            try folder.link("nowhere", to: FilePath("nothing"))
            for name in names {
                #expect(failure { () throws(ShelfError) in _ = try SidecarText.read(folder[name]) } != nil)
                #expect(try SidecarText.setAside(folder[name]) == nil)
                #expect(failure { () throws(ShelfError) in _ = try write(folder[name], "{}") }?.code == .unreadable)
                #expect(folder.exists(name))
            }
            #expect(try ReadableFile(target).bytes(at: 0, count: 99) == Array("damaged".utf8))
            #expect(try SidecarText.read(folder["absent"]) == nil)
        }
    }

    @Test func gatheredOnesKeepTheirModelsPaths() throws {
        try Folder.use { folder in
            let gathering = FilePath("/gather")
            func place(_ model: FilePath) -> String {
                SidecarPlace.path(of: model, suffix: ".metadata.json", gatheredIn: gathering).display
            }
            #expect(place(FilePath("/no/such/a/x.bin")) == "/gather/no/such/a/x.bin.metadata.json")
            #expect(place(FilePath("/no/such/b/x.bin")) == "/gather/no/such/b/x.bin.metadata.json")
            #expect(place(FilePath("/no/../../such/./x.bin")) == "/gather/such/x.bin.metadata.json")
            let real = try folder.makeFolder("real")
            try folder.link("alias", to: real)
            #expect(place(folder["alias"].appending("x")) == place(real.appending("x")))
            let model = FilePath("a/x.bin")
            #expect(SidecarPlace.path(of: model, suffix: ".m", gatheredIn: nil) == FilePath("a/x.bin.m"))
        }
    }

    @Test func onlyOneHoldsTheLock() throws {
        try Folder.use { folder in
            let lock = try FolderLock(folder.path)
            #expect(lock.isHeld)
            #expect(
                failure { () throws(ShelfError) in _ = try FolderLock(folder.path, milliseconds: 20) }?.code
                    == .storeBusy)
            withExtendedLifetime(lock) {}
        }
    }
}

@Suite struct SidecarNoteTests {
    private func note(modified: Int64) -> SidecarNote {
        SidecarNote(
            size: 3, modified: modified, sample: [UInt8](repeating: 1, count: 32),
            digests: SidecarNote.Digests(sha256: [UInt8](repeating: 2, count: 32)), civitai: nil, user: [:])
    }

    @Test(arguments: [
        // The file's time in seconds since 1970, the note's in nanoseconds, whether it is the same one.
        (1_700_000_000, 1_700_000_000_000_000_000, true), (1_700_000_000, 1_700_000_000_999_000_000, true),
        (1_700_000_001, 1_700_000_000_600_000_000, true), (1_700_000_001, 1_700_000_002_700_000_000, false),
        (1_700_000_000, 1_700_000_009_000_000_000, false), (1_700_000_000, Int64.max, false),
        (1_700_000_000, Int64.min, false),
    ])
    func fitsTimesThatWereCut(_ row: (seconds: Int, note: Int64, fits: Bool)) throws {
        try Folder.use { folder in
            try folder.write("x", "abc")
            try folder.touch("x", row.seconds)
            let identity = try FileIdentity.of(folder["x"]).get()
            #expect(note(modified: row.note).fits(identity) == row.fits)
        }
    }

    @Test func comesBackFromADocument() throws {
        var note = note(modified: 5)
        note.digests.crc32 = 0x0001_00ff
        note.digests.blake3 = [UInt8](repeating: 7, count: 32)
        note.civitai = ["status": .string("found")]
        note.user = ["notes": .object(["value": .string("n"), "at": .int(1)])]
        var document = ExactObject()
        document["modelshelf"] = ExactJSON(.object(note.json))
        #expect(SidecarDialects.server.note(in: document) == note)
        for damage in ["schema", "size", "mtime_ns", "sample", "digests"] {
            var broken = note.json
            broken[damage] = .string("zz")
            document["modelshelf"] = ExactJSON(.object(broken))
            #expect(SidecarDialects.server.note(in: document) == nil, "\(damage)")
        }
    }
}
