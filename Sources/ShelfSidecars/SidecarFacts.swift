public import ShelfBase

/// What is known of a model, as far as sidecars tell it; each dialect takes from it what it has a key for.
public struct SidecarFacts: Sendable {
    /// Full digests in lower-case hexadecimal.
    public var sha256: String?
    /// Ten upper-case digits.
    public var autoV2: String?
    /// Civitai's ModelType.
    public var type: String?
    public var baseModel: String?
    public var triggerWords: [String] = []
    public var modelID: Int64?
    public var versionID: Int64?
    public var civitaiName: String?
    public var civitaiType: String?
    public var previewURL: String?
    /// What the user says; nil where nothing.
    public var tags: [String]?
    public var notes: String?
    public var favorite: Bool?
    /// What makes the file known without hashing it again; nil while it is not hashed.
    public var note: SidecarNote?

    public init() {}
}

/// What a sidecar says that people see and may have changed in another program.
public enum SidecarField: String, Sendable, CaseIterable {
    case triggerWords = "trigger_words"
    case description
    case baseModel = "base_model"
    case tags
    case notes
    case favorite

    /// The value as the store keeps it; nil for what says nothing: empty, unknown, or of another type.
    public func value(_ said: ExactJSON?) -> JSONValue? {
        guard let said, let plain = said.plain else { return nil }
        switch self {
        case .triggerWords, .tags:
            // Some tools write a list of words as one text with commas.
            let words = plain.array?.compactMap(\.string) ?? plain.string?.split(separator: ",").map(String.init) ?? []
            let trimmed = words.prefix(1000).map(\.trimmed).filter { !$0.isEmpty && $0.utf8.count <= 4096 }
            return trimmed.isEmpty ? nil : .strings(trimmed)
        case .favorite: return plain.bool == true ? .bool(true) : nil
        case .description, .baseModel, .notes:
            guard let text = plain.string, text.utf8.count <= 1 << 20 else { return nil }
            let isNothing = self == .baseModel && ["", "unknown", "other"].contains(text.trimmed.lowercased())
            return isNothing || text.isEmpty ? nil : .string(text)
        }
    }
}
