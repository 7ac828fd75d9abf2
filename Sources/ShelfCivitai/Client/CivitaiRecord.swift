public import ShelfBase

/// What the service said about one file, as the member `civitai` of a record.
public struct CivitaiRecord: Sendable {
    /// What the service said; ``pending`` and ``ambiguous`` are ours.
    public enum Status: String, Sendable {
        case found
        case notFound = "not_found"
        /// It was found once and is not shown any more.
        case gone
        /// It could not be asked yet.
        case pending
        /// Several models hold the file.
        case ambiguous
    }

    public var status: Status
    /// The whole model, when it is known: it has the creator, the tags and the licence.
    public var model: CivitaiModel?
    public var version: CivitaiVersion?
    /// A digest of the file in hand, of any kind: it picks the file of the version.
    public var hash: String?
    /// The file that was asked for, where a hash does not pick it.
    public var fileID: Int64?
    /// When the service was asked, in milliseconds since 1970.
    public var checkedAt: Int64?

    public init(
        status: Status, model: CivitaiModel? = nil, version: CivitaiVersion? = nil, hash: String? = nil,
        fileID: Int64? = nil, checkedAt: Int64? = nil
    ) {
        self.status = status
        self.model = model
        self.version = version
        self.hash = hash
        self.fileID = fileID
        self.checkedAt = checkedAt
    }

    /// The file of the version that the digest names, else the main one. The model's list is looked at too: the two
    /// routes do not show the same files.
    public var file: CivitaiFile? {
        let twin = version.flatMap { model?.version($0.id) }
        if let hash, let file = version?.file(hash: hash) ?? twin?.file(hash: hash) { return file }
        if let fileID, let file = ((version?.files ?? []) + (twin?.files ?? [])).first(where: { $0.id == fileID }) {
            return file
        }
        return version?.primaryFile ?? twin?.primaryFile
    }

    /// Every key is there; what is not known is null.
    public func json(pageOrigin: String = CivitaiConfiguration.publicOrigin) -> JSONObject {
        let twin = version.flatMap { model?.version($0.id) }
        let modelID = model?.id ?? version?.modelID
        let type = model?.type ?? version?.modelType
        let baseModel = version?.baseModel ?? twin?.baseModel
        var object = JSONObject()
        object["model_id"] = .optional(modelID)
        object["version_id"] = .optional(version?.id)
        object["file_id"] = .optional(file?.id)
        object["model_name"] = .optional(model?.name ?? version?.modelName)
        object["version_name"] = .optional(version?.name ?? twin?.name)
        object["type"] = .optional(type)
        object["base_model"] = .optional(baseModel)
        object["creator"] = .optional(model?.creator)
        object["tags"] = .strings(model?.tags ?? [])
        object["trained_words"] = .strings(trainedWords(version?.trainedWords ?? [], twin?.trainedWords ?? []))
        object["nsfw_level"] = .optional(version?.nsfwLevel ?? twin?.nsfwLevel ?? model?.nsfwLevel)
        object["description"] = .optional(model?.description ?? version?.description)
        object["license"] = license
        object["air"] = .optional(air(modelID, type, baseModel, twin))
        object["url"] = .optional(
            modelID.map { id in
                "\(pageOrigin)/models/\(id)" + (version.map { "?modelVersionId=\($0.id)" } ?? "")
            })
        object["published_at"] = .optional(
            (version?.publishedAt ?? twin?.publishedAt).map { Timestamp.text(milliseconds: $0) })
        object["status"] = .string(status.rawValue)
        object["checked_at"] = .optional(checkedAt.map { Timestamp.text(milliseconds: $0) })
        object["source"] = .string("civitai")
        return object
    }

    /// The creator's words without blanks around them, without empty ones and without repeats.
    private func trainedWords(_ own: [String], _ other: [String]) -> [String] {
        var seen: Set<String> = []
        return (own.isEmpty ? other : own).compactMap { word in
            let start = word.drop(while: \.isWhitespace)
            guard let end = start.lastIndex(where: { !$0.isWhitespace }) else { return nil }
            let trimmed = String(start[...end])
            return seen.insert(trimmed).inserted ? trimmed : nil
        }
    }

    private var license: JSONValue {
        guard let license = model?.license else { return .object(JSONObject()) }
        let flag: (Bool?) -> JSONValue = { $0.map { .bool($0) } ?? .null }
        return .object([
            "allow_no_credit": flag(license.allowNoCredit),
            "allow_commercial_use": .strings(license.allowCommercialUse),
            "allow_derivatives": flag(license.allowDerivatives),
            "allow_different_license": flag(license.allowDifferentLicense),
        ])
    }

    private func air(_ modelID: Int64?, _ type: String?, _ baseModel: String?, _ twin: CivitaiVersion?) -> String? {
        if let air = version?.air { return air }
        guard let modelID, let type, let baseModel, let version else { return nil }
        let primary = version.primaryFile ?? twin?.primaryFile
        return AIR.text(
            ecosystem: Ecosystems.ecosystem(baseModel: baseModel),
            type: Ecosystems.type(modelType: type, primaryFileType: primary?.type), modelID: modelID,
            versionID: version.id)
    }
}
