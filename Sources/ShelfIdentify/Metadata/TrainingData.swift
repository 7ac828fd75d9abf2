internal import ShelfBase
internal import ShelfFormats

/// The settings that a model was trained with, out of texts and into values.
enum TrainingData {
    /// Values over this many bytes are left to the raw metadata.
    private static let valueLimit = 64 << 10

    /// Prefixed keys that are no settings or too large to be shown.
    private static let left: Set<String> = ["ss_tag_frequency", "modelspec.thumbnail", "ss_datasets"]

    /// Keys without a prefix that trainers use; their values are JSON.
    private static let structured = ["software", "training_info", "lora_adapter_metadata", "ot_config"]

    static func read(_ header: FileHeader, _ metadata: MetadataReader, _ tags: TagFrequency) -> JSONObject {
        var training = JSONObject()
        var specification = JSONObject()
        for (key, text) in header.metadata.prefix(1000) {
            guard !left.contains(key), text.utf8.count <= valueLimit else { continue }
            if key.hasPrefix("ss_") {
                if let value = value(text) { training[String(key.dropFirst(3))] = value }
            } else if key.hasPrefix("modelspec.") {
                specification[String(key.dropFirst("modelspec.".count))] = .string(text)
            }
        }
        for key in structured {
            if let text = metadata.value(key), text.utf8.count <= valueLimit, let value = value(text) {
                training[key] = value
            }
        }
        if !specification.isEmpty { training["modelspec"] = .object(specification) }
        if !tags.frequent.isEmpty { training["frequent_tags"] = .strings(tags.frequent) }
        return training
    }

    /// The value that a trainer wrote as text; nil for its way of saying that there is none.
    static func value(_ text: String) -> JSONValue? {
        switch text {
        case "", "None": return nil
        case "True", "true": return .bool(true)
        case "False", "false": return .bool(false)
        default: break
        }
        if let number = Int64(text) { return .int(number) }
        let first = text.utf8.first ?? 0
        if (0x30...0x39).contains(first) || first == UInt8(ascii: "-") || first == UInt8(ascii: ".") {
            if let number = Double(text), number.isFinite { return .double(number) }
        }
        if first == UInt8(ascii: "{") || first == UInt8(ascii: "["),
            let value = try? JSONValue.parse(Array(text.utf8), maximumDepth: 16)
        {
            return value
        }
        return .string(text)
    }
}
