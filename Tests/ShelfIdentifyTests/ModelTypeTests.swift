import FoundationEssentials
import ShelfIdentify
import Testing

@Suite struct ModelTypeTests {
    @Test(arguments: [
        ("SD", ModelType.checkpoint), ("checkpoint", .checkpoint), ("CN", .controlnet), ("ControlNet", .controlnet),
        ("SR", .upscaler), ("TI", .textualInversion), ("Textual Inversion", .textualInversion),
        ("embeddings", .textualInversion), ("HN", .hypernetwork), ("UNET", .unet), ("diffusion_models", .unet),
        ("DETAILER", .detection), ("lora", .lora), ("LoRA", .lora), ("lycoris", .locon), ("vae", .vae),
        ("clip_vision", .clipVision), ("text_encoders", .textEncoder), ("CLIP", .clip), ("OTHER", .other),
    ])
    func names(_ name: String, type: ModelType) { #expect(ModelType(alias: name) == type) }

    @Test(arguments: ["", "x", "loraa", "check points!", "\u{0}"])
    func unknownNames(_ name: String) { #expect(ModelType(alias: name) == nil) }

    @Test func everyTypeIsInTheTableOnce() {
        #expect(ModelType.table.map(\.type) == ModelType.allCases)
        var seen: [String: ModelType] = [:]
        for row in ModelType.table {
            #expect(ModelType(alias: row.type.rawValue) == row.type)
            for alias in row.aliases {
                #expect(ModelType(alias: alias) == row.type, "\(alias)")
                #expect(seen.updateValue(row.type, forKey: alias.lowercased()) == nil, "\(alias) stands twice")
            }
        }
    }

    @Test func documentationShowsTheTable() throws {
        let folder = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(3).joined(
            separator: "/")
        let data = try Data(contentsOf: URL(filePath: "\(folder)/docs/model-types.md"))
        let lines = String(decoding: data, as: UTF8.self).split(separator: "\n").filter { $0.hasPrefix("| ") }
        let rows = ModelType.table.map { row in
            "| \(row.type.rawValue) | \(row.aliases.map { "`\($0)`" }.joined(separator: ", ")) |"
        }
        #expect(lines.dropFirst().map { String($0) } == rows)
    }
}
