import ShelfBase
import Testing

@testable import ShelfCLI

struct HashCommandTests {
    private static let sha = String(repeating: "ab", count: 32)
    private static let blake = String(repeating: "cd", count: 32)

    private let engine = FakeEngine(digests: [
        "x": ["sha256": sha, "blake3": blake, "autov2": "ABABABABAB"],
        "n\\x0al": ["sha256": sha],
        "\\xff": ["sha256": sha],
    ])

    @Test("Prints what sha256sum prints, names as bytes")
    func text() {
        let odd = FilePath(bytes: [0xff])
        let ran = run([FilePath("hash"), FilePath("x"), FilePath("n\nl"), odd], engine: engine)
        #expect(ran.status == 0)
        let expected = "\(Self.sha)  x\n\\\(Self.sha)  n\\nl\n\(Self.sha)  "
        #expect(ran.terminal.outputBytes == Array(expected.utf8) + [0xff, 0x0a])
        #expect(ran.messages.isEmpty)
    }

    @Test("A terminal gets no control characters")
    func terminal() {
        let engine = FakeEngine(digests: ["e\\x1b[2J": ["sha256": Self.sha]])
        let name = FilePath("e\u{1b}[2J")
        let shown = run([FilePath("hash"), name], engine: engine, terminal: RecordingTerminal(outputWidth: 80))
        #expect(shown.output == "\(Self.sha)  e\\x1b[2J\n")
        #expect(run([FilePath("hash"), name], engine: engine).output == "\(Self.sha)  e\u{1b}[2J\n")
    }

    @Test("Several algorithms name themselves; a hash that a file has not is a dash")
    func several() {
        let ran = run("hash --algo autov2,SHA256 --algo autov1 x", engine: engine)
        #expect(ran.output == "autov2  ABABABABAB  x\nsha256  \(Self.sha)  x\nautov1  -  x\n")
        #expect(ran.engine.calls.first == "hash x autov2,sha256,autov1")
        _ = run("hash --algo all x", engine: engine)
        #expect(engine.calls.contains("hash x all"))
    }

    @Test("Files that are not there: 3 when all, 1 when some")
    func missing() {
        let all = run("hash y z", engine: engine)
        #expect(all.status == 3)
        #expect(all.output.isEmpty)
        #expect(
            all.messages == "modelshelf: y: cannot open it: No such file or directory\n"
                + "modelshelf: z: cannot open it: No such file or directory\n")
        let some = run("hash x y", engine: engine)
        #expect(some.status == 1)
        #expect(some.output == "\(Self.sha)  x\n")
    }

    @Test("JSON is one document, also with failures")
    func json() {
        let ran = run("hash x y --json", engine: engine)
        #expect(ran.status == 1)
        #expect(ran.document?["files"]?[0]?["hashes"]?["sha256"]?.string == Self.sha)
        #expect(ran.document?["failed"]?[0]?["code"]?.string == "not_found")
        #expect(ran.terminal.outputWrites == 1)
    }

    @Test("Checks what sha256sum and b3sum wrote, without being told which")
    func check() {
        let sums = "\(Self.sha)  x\n\(Self.sha.uppercased()) *x\n\\\(Self.sha)  n\\nl\n"
        let ran = run("hash --check -", engine: engine, terminal: RecordingTerminal(input: sums))
        #expect(ran.status == 0)
        #expect(ran.output == "x: OK\nx: OK\n\\n\\nl: OK\n")
        #expect(ran.engine.calls.first?.hasPrefix("hash x n\\x0al sha256") == true)
    }

    @Test("A line is compared with what it may mean")
    func verdicts() {
        let both: JSONObject = ["sha256": .string(Self.sha), "blake3": .string(Self.blake)]
        func failure(_ text: String, _ hashes: JSONObject, chosen: [String] = []) -> ErrorCode? {
            guard let line = SumLine.parse(Array(text.utf8)) else { return .usage }
            return SumCheck.verdict(line, chosen: chosen, .hashes(hashes)).failure
        }
        #expect(failure("\(Self.blake)  x", both) == nil)
        #expect(failure("\(Self.sha.uppercased())  x", both) == nil)
        #expect(failure("SHA256 (x) = \(Self.sha)", both) == nil)
        #expect(failure("SHA256 (x) = \(Self.blake)", both) == .hashMismatch)
        #expect(failure("BLAKE3 (x) = \(Self.blake)", ["sha256": .string(Self.sha)]) == .unsupportedFormat)
        #expect(failure("ABABABABAB  x", ["autov2": .string("ABABABABAB")], chosen: ["autov2"]) == nil)
        #expect(failure("abababab00  x", ["autov2": .string("ABABABABAB")], chosen: ["autov2"]) == .hashMismatch)
        #expect(failure("ABABABAB  x", ["autov1": .null], chosen: ["autov1"]) == .hashMismatch)
        // The MD5 of a file that is as it should be.
        let short = "d41d8cd98f00b204e9800998ecf8427e"
        #expect(failure("\(short)  x", both) == .unsupportedFormat)
        #expect(failure("\(Self.sha)  x", ["autov2": .string("ABABABABAB")], chosen: ["autov2"]) == .unsupportedFormat)
        let plain = SumLine(digest: "", path: FilePath("x"), algorithm: nil)
        #expect(SumCheck.algorithms(of: plain, chosen: [], known: ["blake3", "sha256"]) == ["sha256", "blake3"])
        #expect(SumCheck.algorithms(of: plain, chosen: [], known: ["sha256"]) == ["sha256"])
        #expect(SumCheck.algorithms(of: plain, chosen: ["autov2"], known: []) == ["autov2"])
    }

    @Test("Checked names are escaped for line breaks only, as sha256sum does")
    func checkedNames() {
        let engine = FakeEngine(digests: ["b\\s": ["sha256": Self.sha]])
        let ran = run(
            "hash --check -", engine: engine, terminal: RecordingTerminal(input: "\\\(Self.sha)  b\\\\s\n"))
        #expect(ran.output == "b\\s: OK\n")
    }

    @Test("Failed checks are 1, also when a file is not there")
    func failedChecks() {
        let sums = "\(Self.blake)  x\n\(Self.sha)  y\nnonsense\n\(Self.sha)  x\n"
        let ran = run("hash --algo sha256 --check -", engine: engine, terminal: RecordingTerminal(input: sums))
        #expect(ran.status == 1)
        #expect(ran.output == "x: FAILED\ny: FAILED open or read\nx: OK\n")
        #expect(
            ran.messages == "modelshelf: warning: 1 line not understood\n"
                + "modelshelf: warning: 1 file could not be read\nmodelshelf: warning: 1 checksum did not match\n")
        let json = run(
            "hash --algo sha256 --check - --json --quiet", engine: engine, terminal: RecordingTerminal(input: sums))
        #expect(json.document?["ok"]?.int == 1)
        #expect(json.document?["failed"]?[1]?["path"]?.string == "y")
        #expect(json.messages.isEmpty)
        let missing = run(
            "hash --check -", engine: engine, terminal: RecordingTerminal(input: "\(Self.sha)  y\n"))
        #expect(missing.status == 1)
    }

    @Test(
        "Wrong use",
        arguments: [
            ("hash", "hash needs FILE or --check SUMFILE"),
            ("hash x --check -", "--check takes the files from SUMFILE: name no others"),
            ("hash --algo sha257 x", "unknown algorithm 'sha257' (did you mean 'sha256'?)"),
            ("hash --algo sha256, x", "unknown algorithm ''"),
        ])
    func usage(line: String, message: String) {
        let ran = run(line, engine: engine)
        #expect(ran.status == 2)
        #expect(ran.messages.hasPrefix("modelshelf: \(message)"))
        #expect(ran.messages.hasSuffix("Usage: modelshelf hash [FILE…] [OPTION…]\n"))
    }

    @Test("A checksum file without checksums is no checksum file")
    func empty() {
        let ran = run("hash --check - --json", engine: engine, terminal: RecordingTerminal(input: "hello\n"))
        #expect(ran.status == 1)
        #expect(ran.document?["error"]?["code"]?.string == "corrupt_file")
    }
}
