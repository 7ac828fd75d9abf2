internal import ShelfBase

/// A file on Civitai with a digest that was asked for. One digest may give several: the same file is often uploaded
/// to several versions.
public struct HashMatch: Sendable, Hashable {
    /// SHA-256, 64 hexadecimal digits in lower case.
    public let hash: String
    /// Nil from servers older than the field.
    public let modelID: Int64?
    public let versionID: Int64

    public init(hash: String, modelID: Int64?, versionID: Int64) {
        self.hash = hash.lowercased()
        self.modelID = modelID
        self.versionID = versionID
    }

    /// Nil when the value is not an object with a version and a digest.
    init?(_ json: JSONValue) {
        let fields = Fields(json: json)
        guard let version = fields.id("modelVersionId"), let hash = fields.string("hash"), Hex.isHex(hash) else {
            return nil
        }
        self.init(hash: hash, modelID: fields.id("modelId"), versionID: version)
    }
}
