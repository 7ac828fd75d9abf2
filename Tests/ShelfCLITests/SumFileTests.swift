import ShelfBase
import Testing

@testable import ShelfCLI

struct SumFileTests {
    private static let digest = "0263829989b6fd954f72baaf2fc64bc2e2f01d692d4de72986ea808f6e99813f"

    private func parse(_ line: String) -> SumLine? { SumLine.parse(Array(line.utf8)) }

    @Test(
        "Lines of sha256sum and b3sum",
        arguments: [
            ("\(digest)  plain", "plain", nil),
            ("\(digest) *binary name", "binary name", nil),
            ("\(digest.uppercased())  plain\r", "plain", nil),
            ("\(digest)   leading space", " leading space", nil),
            ("\\\(digest)  b\\\\s", "b\\s", nil),
            ("\\\(digest)  n\\nl", "n\nl", nil),
            ("\\\(digest)  c\\rr", "c\rr", nil),
            ("\(digest)  not\\nescaped", "not\\nescaped", nil),
            ("SHA256 (a) = (b)) = \(digest)", "a) = (b)", "sha256"),
            ("BLAKE3 (x) = \(digest)", "x", "blake3"),
            ("\\SHA256 (n\\nl) = \(digest)", "n\nl", "sha256"),
        ] as [(String, String, String?)])
    func lines(line: String, name: String, algorithm: String?) {
        #expect(parse(line) == SumLine(digest: Self.digest, path: FilePath(name), algorithm: algorithm))
    }

    @Test(
        "What is not a checksum",
        arguments: [
            "", "hello", digest, "\(digest) ", "\(digest)  ", "\(digest) x", "zz\(digest.dropFirst(2))  x",
            "\\\(digest)  bad\\x", "\\\(digest)  bad\\", "MD5 (x) = \(digest)", "\(digest)\(digest)  too long",
            "abc1234  too short",
        ])
    func malformed(line: String) {
        #expect(parse(line) == nil)
    }

    @Test("Names that are not UTF-8 are kept as bytes")
    func bytes() {
        let line = Array(Self.digest.utf8) + [0x20, 0x20, 0xff, 0x61]
        #expect(SumLine.parse(line)?.path == FilePath(bytes: [0xff, 0x61]))
    }

    @Test("A name survives writing and reading", arguments: ["a", "a b", "n\nl", "c\rr", "b\\s", "\\n", "日本\n"])
    func roundTrip(name: String) {
        let (mark, escaped) = SumName.escape(FilePath(name))
        #expect(!escaped.contains(0x0a))
        let line = mark + Array("\(Self.digest)  ".utf8) + escaped
        #expect(SumLine.parse(line)?.path == FilePath(name))
    }

    @Test("A file counts the lines that it does not understand and passes over comments")
    func file() {
        #expect(SumFile(Array("\u{feff}\(Self.digest)  a\r\n".utf8)).lines.map(\.path) == [FilePath("a")])
        let file = SumFile(Array("# made today\n\(Self.digest)  a\n\nnonsense\n\(Self.digest)  b".utf8))
        #expect(file.lines.map(\.path) == [FilePath("a"), FilePath("b")])
        #expect(file.malformed == 1)
    }
}
