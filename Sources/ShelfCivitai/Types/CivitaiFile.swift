public import ShelfBase

/// One file of a version on Civitai. The service's own download addresses are left out of the decoded view: one of its
/// routes sends them with a broken origin, and ids make better ones.
public struct CivitaiFile: Sendable, Equatable {
    public let id: Int64
    public let name: String?
    /// A ModelFileType such as `Model`, `Pruned Model`, `VAE`; the list is open.
    public let type: String?
    /// Kibibytes, may be fractional.
    public let sizeKB: Double?
    public let format: String?
    public let precision: String?
    /// `full` or `pruned`
    public let variant: String?
    public let quantization: String?
    /// Digests as sent, by the kind in lower case: `sha256`, `autov3`, …
    public let hashes: [String: String]
    public let pickleScanResult: String?
    public let virusScanResult: String?
    /// Milliseconds since 1970.
    public let scannedAt: Int64?
    public let isPrimary: Bool
    /// What the service sent.
    public let raw: JSONValue

    /// Nil when the value is not an object with an id.
    public init?(_ json: JSONValue) {
        let fields = Fields(json: json)
        guard let id = fields.id("id") else { return nil }
        let metadata = Fields(json: json["metadata"] ?? .null)
        self.id = id
        name = fields.name("overrideName") ?? fields.name("name")
        type = fields.name("type")
        sizeKB = fields.double("sizeKB")
        format = metadata.name("format") ?? fields.name("format")
        precision = metadata.name("fp")
        variant = metadata.name("size")
        quantization = metadata.name("quantType")
        var hashes: [String: String] = [:]
        for (kind, value) in json["hashes"]?.object?.members ?? [] {
            if let text = value.string, Hex.isHex(text) { hashes[kind.lowercased()] = text }
        }
        self.hashes = hashes
        pickleScanResult = fields.name("pickleScanResult")
        virusScanResult = fields.name("virusScanResult")
        scannedAt = fields.time("scannedAt")
        isPrimary = fields.bool("primary") ?? false
        raw = json
    }

    public var sha256: String? { hashes["sha256"] }

    /// Whether this digest, of any kind and in any case, is one of the file's. A full AutoV3 matches the twelve digits
    /// that the service keeps.
    public func has(hash: String) -> Bool {
        let wanted = hash.lowercased()
        return hashes.contains { kind, value in
            let own = value.lowercased()
            return own == wanted
                || (kind == "autov3" && own.utf8.count == 12 && wanted.utf8.count == 64
                    && wanted.hasPrefix(own))
        }
    }
}
