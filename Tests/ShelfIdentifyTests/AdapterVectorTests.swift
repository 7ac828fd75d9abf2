import ShelfBase
import ShelfFormats
import ShelfIdentify
import Testing

@Suite struct AdapterVectorTests {
    /// The vectors' verdicts in our words: architecture, variant and what else it could be.
    private static let words: [String: (architecture: String, variant: String?, alternative: String?)] = [
        "anima/cosmos-predict2": ("anima", nil, nil), "flux1-control": ("flux1", "control", nil),
        "flux1": ("flux1", nil, "chroma"), "flux1-diffusers": ("flux1", nil, "chroma"),
        "sd1-or-sd2": ("sd1", nil, "sd2"), "sd3-medium": ("sd3", "medium", nil), "wan-14B": ("wan", "14b", nil),
        "wan-1.3B": ("wan", "1.3b", nil),
    ]

    @Test func everyVector() throws {
        let cases = try Vectors.load("lora-headers.json")["cases"]?.array ?? []
        #expect(cases.count >= 25)
        for item in cases {
            let id = try #require(item["id"]?.string)
            let answer = Identifier.identify(
                Vectors.header(Vectors.tensors(item["sample"])), name: FilePath("x.safetensors"))
            let base = try #require(item["expected_base"]?.string)
            let wanted = Self.words[base] ?? (base, answer.variant, nil)
            #expect(answer.architecture == wanted.architecture, "\(id)")
            #expect(answer.variant == wanted.variant, "\(id)")
            if let alternative = wanted.alternative { #expect(answer.alternatives.contains(alternative), "\(id)") }
            #expect(answer.kind == item["verdict"]?["kind"]?.string, "\(id)")
            #expect(answer.rank.map { Int64($0) } == item["verdict"]?["rank"]?.int, "\(id)")
        }
    }
}
