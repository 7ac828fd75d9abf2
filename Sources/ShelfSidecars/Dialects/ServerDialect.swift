internal import ShelfBase

/// `x.safetensors.metadata.json`: what `sd-inference-server` and its notebooks read and write.
public struct ServerDialect: SidecarDialect {
    public let name = "server"
    public let suffix = ".metadata.json"
    /// What other programs have no use for.
    static let own = "modelshelf"

    public init() {}

    public func fields(_ facts: SidecarFacts) -> ExactObject {
        var fields = ExactObject()
        func put(_ key: String, _ value: ExactJSON?) { if let value { fields[key] = value } }
        func put(_ key: String, _ text: String?) { put(key, text.map { ExactJSON($0) }) }
        put("hash", facts.autoV2.map { "AUTOV2: \($0)" })
        put("hash_type", facts.autoV2.map { _ in "AUTOV2" })
        put("hash_autov2", facts.autoV2)
        // Upper case, as Civitai gives it and the readers of this file expect it.
        put("hash_sha256", facts.sha256?.uppercased())
        put("model_type", facts.type)
        put("civitai_model_id", facts.modelID.map { ExactJSON($0) })
        put("civitai_version_id", facts.versionID.map { ExactJSON($0) })
        put("civitai_name", facts.civitaiName)
        put("civitai_type", facts.civitaiType)
        if !facts.triggerWords.isEmpty { put("trigger_words", .array(facts.triggerWords.map { ExactJSON($0) })) }
        put("base_model", facts.baseModel)
        put("preview_url", facts.previewURL)
        put("tags", facts.tags.map { .array($0.map { ExactJSON($0) }) })
        put("notes", facts.notes)
        put("favorite", facts.favorite.map { ExactJSON($0) })
        return fields
    }

    public func said(_ field: SidecarField, in document: ExactObject) -> ExactJSON? { document[field.rawValue] }

    public func say(_ field: SidecarField, _ value: ExactJSON, in document: inout ExactObject) {
        document[field.rawValue] = value
    }

    public func note(in document: ExactObject) -> SidecarNote? {
        document[Self.own]?.plain.flatMap { SidecarNote(json: $0) }
    }

    public func stamp(_ document: inout ExactObject, milliseconds: Int64) {
        // With an offset in place of the Z, which Python before 3.11 does not read.
        let time = Timestamp.text(milliseconds: milliseconds)
        document["last_updated"] = ExactJSON("\(time.dropLast())+00:00")
        if let hash = document["hash"]?.string { document["hash"] = ExactJSON(HashText.normalised(hash)) }
    }
}
