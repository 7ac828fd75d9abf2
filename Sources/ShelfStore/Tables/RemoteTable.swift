public import ShelfBase

/// What a service said of a content. An outage is never written down as an answer: the status stays what it was.
public struct RemoteRecord: Sendable {
    public enum Status: String, Sendable { case pending, found, notFound = "not_found", gone, ambiguous }

    public var status: Status
    public var model: Int64?
    public var version: Int64?
    public var file: Int64?
    /// The digest by which it was matched: `sha256`, `autov3`, or `user` for a link.
    public var matchedBy: String?
    /// The `civitai` part of a record, as it was told.
    public var summary: JSONObject?
    public var isPinned: Bool
    public var attempts: Int64
    public var checkedAt: Int64?
    public var problem: String?

    public init(
        status: Status, model: Int64?, version: Int64?, file: Int64?, matchedBy: String?, summary: JSONObject?,
        isPinned: Bool, attempts: Int64, checkedAt: Int64?, problem: String?
    ) {
        self.status = status
        self.model = model
        self.version = version
        self.file = file
        self.matchedBy = matchedBy
        self.summary = summary
        self.isPinned = isPinned
        self.attempts = attempts
        self.checkedAt = checkedAt
        self.problem = problem
    }
}

/// A content that is to be looked up, claimed by this process.
public struct LookupWork: Sendable {
    public let content: Int64
    public let sha256: [UInt8]
    public let afterHeaderSHA256: [UInt8]?
    public let format: String?
    public let earlier: RemoteRecord.Status
    public let model: Int64?
    public let version: Int64?
    public let attempts: Int64
    /// The user chose model and version: only what is known of them is refreshed.
    public let isPinned: Bool
}

extension Connection {
    public func remote(content: Int64, source: String = "civitai") throws(ShelfError) -> RemoteRecord? {
        var record: RemoteRecord?
        try rows(
            """
            SELECT status, model_id, version_id, file_id, matched_by, summary, pinned, attempts, checked_at, problem
            FROM remote WHERE content_id = ? AND source = ?
            """, [.int(content), .text(source)]
        ) { row in
            record = RemoteRecord(
                status: RemoteRecord.Status(rawValue: row.text(0) ?? "") ?? .pending, model: row.int(1),
                version: row.int(2), file: row.int(3), matchedBy: row.text(4),
                summary: Compression.unpackJSON(row.blob(5))?.object, isPinned: row.int(6) == 1,
                attempts: row.int(7, or: 0), checkedAt: row.int(8), problem: row.text(9))
        }
        return record
    }

    /// Claims the lookup of a content that is due; nil when it is not due, pinned, or somebody else has it.
    public func claimLookup(
        content: Int64, refresh: Bool, _ owner: ClaimOwner, now: Int64
    ) throws(ShelfError) -> LookupWork? {
        try run(
            """
            UPDATE remote SET claim_owner = ?1, claim_until = ?2
            WHERE content_id = ?3 AND source = 'civitai' AND (due_at <= ?4 OR (?5 AND status <> 'not_found'))
                AND NOT (pinned AND version_id IS NULL) AND (claim_owner IS NULL OR claim_until < ?4)
            """,
            .text(owner.text), .int(now + ClaimOwner.lifetime), .int(content), .int(now), .bool(refresh))
        guard changes == 1 else { return nil }
        var work: LookupWork?
        try rows(
            """
            SELECT c.id, c.sha256, c.after_header_sha256, c.format, r.status, r.model_id, r.version_id, r.attempts, r.pinned
            FROM content c JOIN remote r ON r.content_id = c.id AND r.source = 'civitai' WHERE c.id = ?
            """, [.int(content)]
        ) { row in
            guard let sha256 = row.blob(1) else { return }
            work = LookupWork(
                content: row.int(0, or: 0), sha256: sha256, afterHeaderSHA256: row.blob(2), format: row.text(3),
                earlier: RemoteRecord.Status(rawValue: row.text(4) ?? "") ?? .pending, model: row.int(5),
                version: row.int(6), attempts: row.int(7, or: 0),
                isPinned: row.int(8) == 1)
        }
        return work
    }

    /// Whether somebody else is asking about a content now.
    public func lookupIsClaimed(content: Int64, now: Int64) throws(ShelfError) -> Bool {
        try int(
            "SELECT 1 FROM remote WHERE content_id = ? AND source = 'civitai' AND claim_owner IS NOT NULL AND claim_until >= ?",
            .int(content), .int(now)) != nil
    }

    /// Writes down an answer and when to ask again, and frees the claim.
    public func setRemote(
        content: Int64, _ record: RemoteRecord, due: Int64, source: String = "civitai"
    ) throws(ShelfError) {
        try run(
            """
            INSERT INTO remote (content_id, source, status, model_id, version_id, file_id, matched_by, summary, pinned,
                attempts, checked_at, due_at, problem)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)
            ON CONFLICT (content_id, source) DO UPDATE SET status = ?3, model_id = ?4, version_id = ?5, file_id = ?6,
                matched_by = ?7, summary = ?8, pinned = ?9, attempts = ?10, checked_at = ?11, due_at = ?12,
                problem = ?13, claim_owner = NULL, claim_until = NULL
            """,
            .int(content), .text(source), .text(record.status.rawValue), .optional(record.model),
            .optional(record.version), .optional(record.file), .optional(record.matchedBy),
            .optional(record.summary.map { Compression.pack(.object($0)) }), .bool(record.isPinned),
            .int(record.attempts), .optional(record.checkedAt), .int(due), .optional(record.problem))
    }

    /// Frees a claim whose question could not be asked; the status stays as it was.
    public func releaseLookup(content: Int64, problem: String?) throws(ShelfError) {
        try run(
            """
            UPDATE remote SET claim_owner = NULL, claim_until = NULL, problem = ?
            WHERE content_id = ? AND source = 'civitai'
            """, .optional(problem), .int(content))
    }

    public func remoteStatus(content: Int64) throws(ShelfError) -> RemoteRecord.Status? {
        var status: RemoteRecord.Status?
        try rows("SELECT status FROM remote WHERE content_id = ? AND source = 'civitai'", [.int(content)]) { row in
            status = row.text(0).flatMap(RemoteRecord.Status.init(rawValue:))
        }
        return status
    }

    // MARK: Pace

    public func notBefore(host: String) throws(ShelfError) -> Int64? {
        try int("SELECT not_before FROM pace WHERE host = ?", .text(host))
    }

    public func setNotBefore(host: String, _ milliseconds: Int64) throws(ShelfError) {
        try run(
            """
            INSERT INTO pace (host, not_before) VALUES (?1, ?2)
            ON CONFLICT (host) DO UPDATE SET not_before = max(not_before, ?2)
            """, .text(host), .int(milliseconds))
    }
}
