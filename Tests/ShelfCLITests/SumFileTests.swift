import ShelfBase
import ShelfTestSupport
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

    /// The lines of lists as portions of any size give them.
    private func lines(_ lists: [String], portionSize: Int) throws -> [FilePath] {
        var found: [FilePath] = []
        try Folder.use { folder in
            let paths = try lists.enumerated().map { try folder.write("\($0.offset)", $0.element) }
            var portions = try SumLists(paths, RecordingTerminal(), portionSize: portionSize)
            _ = try portions.survey(Cancellation())
            while let portion = try portions.next() {
                found += portion.lines.map(\.path)
                #expect(portion.malformed == 0)
            }
        }
        return found
    }

    @Test("Portions lose no line, however long lines and lists are", arguments: [1, 100, 70_000, 1 << 20])
    func portions(size: Int) throws {
        let many = (0..<3000).map { "\(Self.digest)  \($0)\n" }.joined()
        let long = String(repeating: "x", count: 200_000)
        let lists = [
            "\u{feff}\(Self.digest)  first\r\n", many, "\(Self.digest)  \(long)\n\n\(Self.digest)  last",
        ]
        let wanted = ["first"] + (0..<3000).map(String.init) + [long, "last"]
        #expect(try lines(lists, portionSize: size) == wanted.map { FilePath($0) })
    }

    @Test("A list without checksums is named, wherever it comes")
    func withoutChecksums() throws {
        for lists in [["", "\(Self.digest)  a"], ["\(Self.digest)  a", "\n\n"], ["nonsense"]] {
            #expect(throws: ShelfError.self) { try lines(lists, portionSize: 10) }
        }
    }
}

struct JSONPiecesTests {
    @Test("The bytes are those of the document at once", arguments: [0, 1, 2, 5])
    func bytes(items count: Int) {
        let items = (0..<count).map { JSONValue.object(["path": .string("a\u{1b}\u{202e}\n\($0)"), "ok": .null]) }
        let numbers: JSONObject = ["ok": .int(1), "malformed": .int(2)]
        for portion in 1...3 {
            var written: [UInt8] = []
            var document = JSONPieces(numbers) {
                written += $0
                return true
            }
            let portions = stride(from: 0, to: count, by: portion).map { Array(items[$0...].prefix(portion)) }
            document.list("files", [[]] + portions + [[]])
            document.list("failed", [[JSONValue]]())
            document.end()
            var whole = numbers
            whole["files"] = .array(items)
            whole["failed"] = .array([])
            #expect(written == SafeText.json(whole))
        }
    }

    @Test("Nothing is written after the reader has gone")
    func closed() {
        var writes = 0
        var document = JSONPieces(["ok": .int(1)]) { _ in
            writes += 1
            return writes < 3
        }
        document.list("files", [[.int(1)], [.int(2)], [.int(3)]])
        document.end()
        #expect(writes == 3)
    }
}
