internal import ShelfBase
internal import ShelfCivitai
internal import ShelfHashing
internal import ShelfStore

/// Writes down what Civitai said of a content: the record, and the raw answers.
enum RemoteWriter {
    static func found(
        content: Int64, _ candidate: VersionChoice.Candidate, matchedBy: String, hash: String?, isPinned: Bool,
        _ configuration: CivitaiConfiguration, _ connection: Connection
    ) throws(ShelfError) {
        let now = Clock.wallMilliseconds()
        let summary = CivitaiRecord(
            status: .found, model: candidate.model, version: candidate.version, hash: hash, checkedAt: now
        ).json(pageOrigin: configuration.pageOrigin)
        let record = RemoteRecord(
            status: .found, model: candidate.version.modelID ?? candidate.model?.id, version: candidate.version.id,
            file: summary["file_id"]?.int, matchedBy: matchedBy, summary: summary, isPinned: isPinned, attempts: 0,
            checkedAt: now, problem: nil)
        // A version without a name was not shown, only named: its details are asked for again soon.
        let isBare = candidate.version.name == nil
        let due = isBare ? LookupSchedule.dueForDetails(now: now) : LookupSchedule.due(.found, attempts: 0, now: now)
        try connection.setRemote(content: content, record, due: due)
        if let model = candidate.model {
            try keep(model.raw, kind: "model", object: model.id, connection)
        } else if !isBare {
            try keep(candidate.version.raw, kind: "version", object: candidate.version.id, connection)
        }
        try ListingMaker.refresh(content: content, connection)
    }

    /// Keeps a payload if it differs from the last one in more than its counters.
    private static func keep(_ raw: JSONValue, kind: String, object: Int64, _ connection: Connection) throws(ShelfError)
    {
        let digest = try MessageDigest.sha256(of: withoutVolatile(raw).bytes())
        try connection.keepPayload(kind: kind, object: object, digest: digest, raw)
    }

    /// Values that change with every visitor.
    private static let volatileKeys: Set<String> = ["stats", "rank", "metrics", "downloadCount", "cosmetic", "covered"]

    private static func withoutVolatile(_ value: JSONValue) -> JSONValue {
        switch value {
        case .object(let object):
            var kept = JSONObject()
            for (key, value) in object.members where !volatileKeys.contains(key) {
                kept.append(key, withoutVolatile(value))
            }
            return .object(kept)
        case .array(let items): return .array(items.map(withoutVolatile))
        default: return value
        }
    }
}
