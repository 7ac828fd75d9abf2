import FoundationEssentials
import ShelfBase
import Testing

@testable import ShelfFormats

/// The cases of the vectors, each with what the reader must say.
@Suite struct GGUFPreambleTests {
    private struct Vectors: Decodable {
        struct Case: Decodable {
            let id: String
            let base64: String
        }
        let gguf_cases: [Case]
    }

    @Test(
        arguments: [
            ("gguf-ok", nil), ("gguf-v1", ErrorCode.unsupportedFormat), ("gguf-bigendian", .unsupportedFormat),
            ("gguf-huge-kv-count", .corruptFile),
        ] as [(String, ErrorCode?)])
    func says(id: String, code: ErrorCode?) throws {
        let file = URL(filePath: #filePath).deletingLastPathComponent().appending(
            path: "../Vectors/hashes-and-files.json")
        let vectors = try JSONDecoder().decode(Vectors.self, from: Data(contentsOf: file))
        let found = try #require(vectors.gguf_cases.first { $0.id == id })
        let bytes = try #require(Base64.decode(found.base64))
        let header = HeaderReader.read(head: bytes, size: Int64(bytes.count), name: FilePath("x.gguf"))
        #expect(header.format == .gguf)
        #expect(header.fatalProblem?.code == code)
    }

    @Test func everyShortFormEnds() {
        let whole = Array("GGUF".utf8) + [3, 0, 0, 0] + [UInt8](repeating: 0xff, count: 16)
        for length in 0...whole.count {
            let bytes = Array(whole.prefix(length))
            let problem = GGUFPreamble.problem(head: bytes, size: Int64(length))
            #expect(problem?.code == .corruptFile)
        }
    }
}
