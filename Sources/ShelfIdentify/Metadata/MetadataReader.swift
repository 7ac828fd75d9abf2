internal import ShelfBase
internal import ShelfFormats

/// Reads the texts that trainers and tools put beside the tensors. Everything there is a claim by a stranger: it may
/// choose among what the tensors allow, and never contradicts them.
struct MetadataReader {
    private let header: FileHeader
    private let values: [ByteKey: String]

    /// Bytes of a text that is shown.
    static let textLimit = 1 << 20

    init(_ header: FileHeader) {
        self.header = header
        var values: [ByteKey: String] = [:]
        for (key, value) in header.metadata { values[ByteKey(Array(key.utf8))] = value }
        self.values = values
    }

    /// The value of a key; nil also for the ways in which trainers write that there is none.
    func value(_ key: String) -> String? {
        guard let value = values[ByteKey(Array(key.utf8))] else { return nil }
        return ["", "None", "null", "none"].contains(value) ? nil : value
    }

    /// The value of a key as JSON; nil when it is none, or so large that its tree would take a lot of memory.
    func json(_ key: String) -> JSONValue? {
        guard let text = value(key), text.utf8.count <= MetadataReader.textLimit else { return nil }
        return try? JSONValue.parse(Array(text.utf8), maximumDepth: 16)
    }

    func apply(to answer: inout Identification, name: FilePath) {
        guard !values.isEmpty else { return }
        let tags = TagFrequency(self)
        if answer.triggerWords.isEmpty { answer.triggerWords = TriggerWords.read(self, tags) }
        answer.frequentTags = tags.frequent
        answer.training = TrainingData.read(header, self, tags)
        answer.claimedHashes = ClaimedHashes.read(self, &answer.evidence)
        answer.title = text(["modelspec.title", "ssmd_display_name", "title", "name", "ss_output_name"])
        answer.author = text(["modelspec.author", "ssmd_author", "author"])
        answer.description = text(["modelspec.description", "ssmd_description", "description"])
        answer.license = text(["modelspec.license", "license"])
        if answer.rank != nil || answer.kind == "lokr" { answer.alpha = alpha }
        ArchitectureClaims.apply(self, to: &answer, name: name)
    }

    private func text(_ keys: [String]) -> String? {
        keys.lazy.compactMap { value($0) }.first.map { MetadataReader.cut($0) }
    }

    /// A text of at most ``textLimit`` bytes.
    static func cut(_ text: String) -> String {
        guard text.utf8.count > textLimit else { return text }
        return String(decoding: text.utf8.prefix(textLimit), as: UTF8.self)
    }

    private var alpha: Double? {
        if let alpha = value("ss_network_alpha").flatMap(Double.init), alpha.isFinite { return alpha }
        let adapter = json("lora_adapter_metadata")
        for key in ["transformer.lora_alpha", "unet.lora_alpha", "lora_alpha"] {
            if let alpha = adapter?[key]?.double { return alpha }
        }
        return nil
    }
}
