import ShelfBase
import Testing

@testable import ShelfCivitai

struct FileNameTests {
    @Test(arguments: [
        ("plain.safetensors", "plain.safetensors"), ("with blank.safetensors", "with blank.safetensors"),
        ("../../etc/passwd", "passwd"), ("..\\..\\x.pt", "x.pt"), ("C:\\models\\x.pt", "x.pt"), ("C:x.pt", "C_x.pt"),
        ("/absolute/x.pt", "x.pt"), ("nul", "_nul"), ("NUL.safetensors", "_NUL.safetensors"), ("com1.x", "_com1.x"),
        ("con .txt", "_con .txt"), ("console.pt", "console.pt"), ("x. . ", "x"), ("  x.pt", "x.pt"),
        (".hidden.pt", "_.hidden.pt"), ("-rf.pt", "_-rf.pt"), ("a\u{202e}gpj.pt", "agpj.pt"),
        ("a\u{0}\u{7}b.pt", "ab.pt"),
        ("a<b>c:d\"e|f?g*h.pt", "a_b_c_d_e_f_g_h.pt"), ("naïve 模型.pt", "naïve 模型.pt"), ("a\u{200b}b.pt", "ab.pt"),
        ("x.pt.part", "x.pt"), ("x.pt.part.json", "x.pt"), ("x.pt.ARIA2", "x.pt"), ("x.pt.quarantined", "x.pt"),
        ("x.pt.part. .tmp", "x.pt"), ("x.json", "x.json"), ("part.pt", "part.pt"), ("nul.part", "_nul"),
    ])
    func becomeHarmless(_ name: String, _ harmless: String) { #expect(SafeFileName.make(name) == harmless) }

    @Test(arguments: ["", ".", "..", "/", "a/", "\u{202e}", " . . ", "\\", ".part", ".part.json"])
    func nothingIsLeft(_ name: String) { #expect(SafeFileName.make(name) == nil) }

    @Test(arguments: [("x", 300), ("é", 200), ("👩‍👩‍👧", 60)])
    func longNamesKeepTheirEnding(_ unit: String, _ count: Int) throws {
        let name = try #require(SafeFileName.make(String(repeating: unit, count: count) + ".safetensors"))
        #expect(name.utf8.count <= 255 - 20 && name.hasSuffix(".safetensors"))
    }

    @Test func oneLetterWithManyMarks() throws {
        let name = try #require(SafeFileName.make("e" + String(repeating: "\u{301}", count: 400) + ".pt"))
        #expect(name == "download.pt")
    }

    @Test func numbers() {
        #expect(SafeFileName.numbered("a.b.safetensors", 2) == "a.b-2.safetensors")
        #expect(SafeFileName.numbered("plain", 3) == "plain-3")
    }

    @Test(arguments: [
        (#"attachment; filename="a b.safetensors""#, "a b.safetensors"),
        ("attachment; filename=plain.pt", "plain.pt"), (#"attachment; filename="semi;colon.pt"; x=1"#, "semi;colon.pt"),
        (#"attachment; filename="quo\"te.pt""#, "quo\"te.pt"), (#"attachment; filename="C:\x.pt""#, #"C:\x.pt"#),
        ("attachment; filename=\"x.pt\"; filename*=UTF-8''na%C3%AFve.pt", "naïve.pt"),
        ("inline; FILENAME = \"x.pt\"", "x.pt"),
    ])
    func dispositions(_ header: String, _ name: String) { #expect(ContentDisposition.name(header) == name) }

    @Test(arguments: ["", "attachment", "attachment; filename=", "attachment; name=\"x\""])
    func dispositionsWithoutAName(_ header: String) { #expect(ContentDisposition.name(header) == nil) }

    @Test(arguments: [
        ("attachment; filename*=\"UTF-8''a%20b.pt\"", "a b.pt"),
        ("attachment; filename*=iso-8859-1'en'na%EFve.pt", "naïve.pt"),
        ("attachment; filename*=UTF-8''%ff.pt", "\u{fffd}.pt"),
        ("attachment; filename*=UTF-8''%E", "%E"),
    ])
    func dispositionsOfBadWriters(_ header: String, _ name: String) {
        #expect(ContentDisposition.name(header) == name)
    }

    @Test(
        arguments: [
            ("a.safetensors", "b.safetensors", "a.safetensors"), ("a.zip", "b.zip", "a.zip"),
            ("a.exe", "b.safetensors", "b.safetensors"), ("a.pt", "b.txt", "a.pt"), ("..", "b.pt", "b.pt"),
            (nil, "b.pt", "b.pt"), ("a.exe", nil, "a.exe"), ("a.exe", "../x/b.pt.part", "b.pt"), (nil, "..", nil),
        ] as [(String?, String?, String?)])
    func whoNamesIt(_ served: String?, _ record: String?, _ name: String?) {
        #expect(SafeFileName.chosen(served: served, record: record) == name)
    }

    @Test func namesInSignedAddresses() throws {
        let forms = [
            "https://a.example/k?X=1&response-content-disposition=attachment%3B%20filename%3D%22a%20b.pt%22&Y=2",
            "https://b.example/f?Authorization=3_x&b2ContentDisposition=attachment%3B+filename%3D%22a+b.pt%22",
        ]
        for form in forms {
            let url = try #require(HTTPURL(form))
            #expect(ContentDisposition.name(inQueryOf: url) == "a b.pt")
        }
        let plain = try #require(HTTPURL("https://a.example/k?x=1"))
        #expect(ContentDisposition.name(inQueryOf: plain) == nil)
    }
}
