internal import ShelfBase
internal import ShelfStore

/// What Civitai said of a content, as a sidecar carries it: enough not to ask again on another machine.
enum RemoteNote {
    static func json(_ knowledge: Knowledge, _ connection: Connection) throws(ShelfError) -> JSONObject? {
        guard let remote = knowledge.remote else { return nil }
        return [
            "status": .string(remote.status.rawValue), "model_id": .optional(remote.model),
            "version_id": .optional(remote.version), "file_id": .optional(remote.file),
            "matched_by": .optional(remote.matchedBy), "pinned": .bool(remote.isPinned),
            "attempts": .int(remote.attempts), "checked_at": .optional(remote.checkedAt),
            "due_at": .optional(try connection.remoteDue(content: knowledge.id)),
            "record": remote.summary.map { .object($0) } ?? .null,
            "preview": PreviewNote(knowledge.said)?.value ?? .null,
        ]
    }

    /// Takes an answer over for a content that was not asked about here. Times from the future are taken for now.
    static func adopt(_ json: JSONObject, content: Int64, _ connection: Connection) throws(ShelfError) {
        if let preview = PreviewNote(value: json["preview"]),
            PreviewNote(try connection.statements(content: content)) == nil
        {
            try preview.keep(content: content, connection)
        }
        guard let status = json["status"]?.string.flatMap(RemoteRecord.Status.init(rawValue:)), status != .pending,
            try connection.remoteStatus(content: content) ?? .pending == .pending
        else { return }
        let now = Clock.wallMilliseconds()
        let attempts = max(0, json["attempts"]?.int ?? 0)
        let isPinned = json["pinned"]?.bool ?? false
        let record = RemoteRecord(
            status: status, model: json["model_id"]?.int, version: json["version_id"]?.int,
            file: json["file_id"]?.int, matchedBy: json["matched_by"]?.string, summary: json["record"]?.object,
            isPinned: isPinned, attempts: attempts, checkedAt: json["checked_at"]?.int.map { min($0, now) },
            problem: nil)
        // However far away a damaged note puts it, an answer is asked for again when it would be anyway.
        let latest = LookupSchedule.due(status, attempts: attempts, now: now)
        let due = isPinned && record.version == nil ? .max : min(json["due_at"]?.int ?? 0, latest)
        try connection.setRemote(content: content, record, due: due)
    }
}
