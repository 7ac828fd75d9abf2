public import ShelfBase

/// Everything known about one model file: what `info --json` prints, Python's `Model` holds and the C ABI gives.
public struct ModelRecord: Sendable {
    /// The whole record in the shape that `docs/record.md` describes: every key is there, unknown values are null.
    public let json: JSONObject
    /// Where the file is; the bytes may not be UTF-8.
    public let path: FilePath

    public init(json: JSONObject, path: FilePath) {
        self.json = json
        self.path = path
    }

    public var name: String { json["name"]?.string ?? path.display }
    public var size: Int64 { json["size"]?.int ?? 0 }
    public var type: String? { json["type"]?.string }
    public var format: String? { json["format"]?.string }
    public var architecture: String? { json["architecture"]?.string }
    public var baseModel: String? { json["base_model"]?.string }
    public var triggerWords: [String] { json["trigger_words"]?.array?.compactMap(\.string) ?? [] }
    public var isMissing: Bool { json["missing"]?.bool ?? false }

    /// A hash by its name in the record (`sha256`, `autov2` …); nil while it is not known.
    public func hash(_ name: String) -> String? { json["hashes"]?[name]?.string }

    /// `found not_found gone pending ambiguous`; pending also while the file is not hashed.
    public var civitaiStatus: String? { json["civitai"]?["status"]?.string }
}

/// A page of records.
public struct ModelPage: Sendable {
    public let models: [ModelRecord]
    /// How many there are on all pages.
    public let total: Int

    public init(models: [ModelRecord], total: Int) {
        self.models = models
        self.total = total
    }

    public var json: JSONObject {
        ["models": .array(models.map { .object($0.json) }), "total": .int(Int64(total))]
    }
}

/// Which records to list, and in which order.
public struct ModelFilter: Sendable {
    public enum Sort: String, Sendable, CaseIterable {
        case name, size, modified, added, type, baseModel = "base_model"
    }

    /// A model type in any accepted spelling.
    public var type: String?
    public var baseModel: String?
    public var tag: String?
    /// Only files that Civitai does not know, or was not yet asked about.
    public var missingMetadata = false
    public var favorite = false
    public var sort = Sort.name
    /// Nil for no limit.
    public var limit: Int?
    public var offset = 0

    public init() {}
}

/// One thing that the user says about a model. It outranks every other source and survives every refresh.
public enum UserEdit: Sendable {
    case notes(String)
    case favorite(Bool)
    case tags([String])
    case addTag(String)
    case removeTag(String)
    /// A value of the record (`name`, `type`, `base_model`, `trigger_words`) or a field of the user's own; nil takes it
    /// back.
    case field(String, JSONValue?)
}
