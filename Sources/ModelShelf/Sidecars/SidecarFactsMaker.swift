internal import ShelfBase
internal import ShelfHashing
internal import ShelfSidecars
internal import ShelfStore

/// What the store knows of a file, for its sidecar.
enum SidecarFactsMaker {
    /// Nil when the row has no content any more.
    static func facts(of file: KnownFile, _ connection: Connection) throws(ShelfError) -> SidecarFacts? {
        guard let content = try connection.content(file.content) else { return nil }
        let knowledge = try Knowledge(content: content.id, header: content.header, connection)
        func own(_ field: String) -> JSONValue? {
            // What another program wrote into the sidecar is that program's to say there.
            guard let (value, source) = knowledge.value(field, fileName: file.path), source != .sidecar else {
                return nil
            }
            return value
        }
        var facts = SidecarFacts()
        facts.type = own("type")?.string
        facts.baseModel = own("base_model")?.string
        facts.triggerWords = own("trigger_words")?.array?.compactMap(\.string) ?? []
        if file.stage == .hashed {
            let digests = FileDigests(content)
            facts.sha256 = digests.text(.sha256)
            facts.autoV2 = digests.text(.autoV2)
            facts.note = try note(of: file, content, knowledge, connection)
        }
        if let remote = knowledge.remote, let summary = remote.summary, [.found, .gone].contains(remote.status) {
            tell(summary, &facts)
        }
        facts.previewURL = PreviewNote(knowledge.said)?.url
        tell(user: JSONObject(knowledge.said.filter { $0.source == "user" }.map { ($0.field, $0.value) }), &facts)
        return facts
    }

    /// What we would have written for a note: tells what of a sidecar is ours when this store never wrote it.
    static func facts(of note: SidecarNote) -> SidecarFacts {
        var facts = SidecarFacts()
        facts.sha256 = Hex.encode(note.digests.sha256)
        facts.autoV2 = Hex.encode(note.digests.sha256.prefix(5), uppercase: true)
        if let summary = note.civitai?["record"]?.object {
            tell(summary, &facts)
            facts.baseModel = summary["base_model"]?.string
            facts.triggerWords = summary["trained_words"]?.array?.compactMap(\.string) ?? []
        }
        facts.previewURL = note.civitai?["preview"]?["url"]?.string
        tell(
            user: JSONObject(note.user.members.compactMap { item in item.value["value"].map { (item.key, $0) } }),
            &facts)
        return facts
    }

    private static func tell(_ summary: JSONObject, _ facts: inout SidecarFacts) {
        facts.modelID = summary["model_id"]?.int
        facts.versionID = summary["version_id"]?.int
        facts.civitaiName = summary["model_name"]?.string
        facts.civitaiType = summary["type"]?.string
    }

    private static func tell(user said: JSONObject, _ facts: inout SidecarFacts) {
        facts.tags = said["tags"]?.array?.compactMap(\.string)
        facts.notes = said["notes"]?.string
        facts.favorite = said["favorite"]?.bool
    }

    private static func note(
        of file: KnownFile, _ content: Content, _ knowledge: Knowledge, _ connection: Connection
    ) throws(ShelfError) -> SidecarNote? {
        guard let sha256 = content.digests.sha256, let sample = content.sample else { return nil }
        var digests = SidecarNote.Digests(sha256: sha256)
        digests.tensorSHA256 = content.digests.tensorSHA256
        digests.afterHeaderSHA256 = content.digests.afterHeaderSHA256
        digests.legacyWindowSHA256 = content.digests.legacyWindowSHA256
        digests.blake3 = content.digests.blake3
        digests.crc32 = content.digests.crc32
        var user = JSONObject()
        for said in knowledge.said where said.source == "user" {
            user[said.field] = .object(["value": said.value, "at": .int(said.saidAt)])
        }
        return SidecarNote(
            size: file.size, modified: file.modified, sample: sample, digests: digests,
            civitai: try RemoteNote.json(knowledge, connection), user: user)
    }
}

extension JSONObject {
    fileprivate init(_ members: [(String, JSONValue)]) {
        self.init()
        for (key, value) in members { append(key, value) }
    }
}
