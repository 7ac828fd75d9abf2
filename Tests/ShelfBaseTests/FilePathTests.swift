import ShelfBase
import ShelfTestSupport
import Testing

@Suite struct FilePathTests {
    @Test func bytesUpToTheFirstNUL() {
        #expect(FilePath("a\0b").bytes == [0x61])
        #expect(FilePath(bytes: [0]).isEmpty)
        #expect(FilePath(bytes: [0xff, 0xfe]).bytes == [0xff, 0xfe])
        #expect(FilePath(bytes: [0xff, 0x00, 0xfe][...]).bytes == [0xff])
    }

    @Test func normalFormsDiffer() {
        let (composed, decomposed) = ("\u{e9}", "e\u{301}")
        #expect(composed == decomposed)
        #expect(FilePath(composed) != FilePath(decomposed))
        #expect(Set([FilePath(composed), FilePath(decomposed)]).count == 2)
        #expect(FilePath(decomposed).relative(to: FilePath(composed)) == nil)
    }

    @Test func orderIsThatOfBytes() {
        let paths = [FilePath(bytes: [0xff]), FilePath("b"), FilePath("a/b"), FilePath("a"), FilePath("B")]
        #expect(paths.sorted().map(\.display) == ["B", "a", "a/b", "b", "\u{fffd}"])
    }

    @Test(arguments: [
        ("/a/b", "/a", "b"), ("/a/b/c", "/a", "b/c"), ("/a", "/a", ""), ("/ab", "/a", nil), ("/a", "/a/b", nil),
        ("/a", "/", "a"), ("/", "/", ""), ("a", "/", nil), ("a/b", "a", "b"), ("", "", ""), ("/b", "/a", nil),
    ])
    func relative(path: String, folder: String, wanted: String?) {
        #expect(FilePath(path).relative(to: FilePath(folder)) == wanted.map { FilePath($0) })
    }

    @Test(arguments: [
        ("/a/b.SafeTensors", "safetensors", "b", "b.SafeTensors", "/a"), ("x", "", "x", "x", ""),
        (".hidden", "", ".hidden", ".hidden", ""), ("a.b/c", "", "c", "c", "a.b"),
        ("a.tar.gz", "gz", "a.tar", "a.tar.gz", ""),
        ("a.", "", "a", "a.", ""), ("/x", "", "x", "x", "/"), ("a/.b.c", "c", ".b", ".b.c", "a"), ("", "", "", "", ""),
        ("d/", "", "", "", "d"),
    ])
    func parts(path: String, pathExtension: String, stem: String, name: String, parent: String) {
        let path = FilePath(path)
        #expect(path.pathExtension == pathExtension)
        #expect(path.stem == FilePath(stem))
        #expect(path.lastComponent == FilePath(name))
        #expect(path.parent == FilePath(parent))
    }

    @Test func extensionOfBytesThatAreNoText() {
        #expect(FilePath(bytes: Array("a.".utf8) + [0xff, 0xfe]).pathExtension == "\u{fffd}\u{fffd}")
        #expect(FilePath(bytes: [0xff] + Array(".PT".utf8)).pathExtension == "pt")
        #expect(FilePath("a.\u{c4}").pathExtension == "\u{c4}")
    }

    @Test func appending() {
        #expect(FilePath("a").appending("b") == FilePath("a/b"))
        #expect(FilePath("/").appending("b") == FilePath("/b"))
        #expect(FilePath("").appending("b") == FilePath("b"))
        #expect(FilePath("a").appending("") == FilePath("a"))
    }

    @Test func hiddenAndAbsolute() {
        #expect(FilePath("a/.b").isHidden)
        #expect(!FilePath(".a/b").isHidden)
        #expect(!FilePath("").isHidden)
        #expect(FilePath("/").isAbsolute)
        #expect(!FilePath("").isAbsolute)
    }

    @Test func escapedIsOneHarmlessLine() {
        #expect(FilePath("a\nb\u{1b}[31m").escaped == #"a\x0ab\x1b[31m"#)
        #expect(FilePath(bytes: [0x61, 0xff, 0xc3, 0xa9, 0xc3]).escaped == #"a\xff"# + "\u{e9}" + #"\xc3"#)
        #expect(FilePath("\u{85}").escaped == #"\xc2\x85"#)
        #expect(FilePath("x\u{202e}y").escaped == #"x\xe2\x80\xaey"#)
        #expect(FilePath("\u{1f600}").escaped == "\u{1f600}")
        #expect(FilePath(bytes: [0xed, 0xa0, 0x80]).escaped == #"\xed\xa0\x80"#)
        #expect(FilePath(bytes: [0xc0, 0x80, 0xf4]).escaped == #"\xc0\x80\xf4"#)
    }

    @Test func base64OnlyWhenNeeded() {
        #expect(FilePath("\u{e9}").base64IfNotUTF8 == nil)
        #expect(FilePath(bytes: [0xff]).base64IfNotUTF8 == "/w==")
        #expect(FilePath(bytes: [0xff]).display == "\u{fffd}")
        #expect(!FilePath(bytes: [0xff]).isUTF8)
    }

    @Test func terminatedBytes() {
        let path = FilePath(bytes: [0x61, 0xff])
        path.withCString { text in
            #expect([text[0], text[1], text[2]] == [0x61, -1, 0])
        }
        FilePath("").withCString { #expect($0[0] == 0) }
    }
}
