internal import ShelfBase

/// Who is believed about which value: the one table.
///
/// What the bytes are (kind, structure) is read off the tensors and outranks what anybody says of it, but for the user;
/// names and words are Civitai's to tell. The finer base model (Pony is an SDXL to its tensors) is Civitai's too.
enum Precedence {
    enum Source: String, CaseIterable { case user, civitai, header, sidecar, folder, name }

    static let order: [String: [Source]] = [
        "name": [.user, .civitai, .header, .sidecar, .name],
        "type": [.user, .header, .civitai, .sidecar, .folder, .name],
        "architecture": [.user, .header, .sidecar],
        "base_model": [.user, .civitai, .header, .sidecar, .name],
        "precision": [.header],
        "trigger_words": [.user, .civitai, .header, .sidecar],
    ]

    /// The value of the first source that has one, and which that is. Empty texts and lists are no values.
    static func choose(_ field: String, _ values: [Source: JSONValue?]) -> (value: JSONValue, source: Source)? {
        for source in order[field] ?? [] {
            guard let value = values[source] ?? nil, !isEmpty(value) else { continue }
            return (value, source)
        }
        return nil
    }

    private static func isEmpty(_ value: JSONValue) -> Bool {
        switch value {
        case .null: true
        case .string(let text): text.isEmpty
        case .array(let items): items.isEmpty
        default: false
        }
    }
}
