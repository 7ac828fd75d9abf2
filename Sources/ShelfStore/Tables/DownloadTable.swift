public import ShelfBase

/// A download that is wanted.
public struct WantedDownload: Sendable {
    public enum State: String, Sendable { case waiting, paused, done, failed }

    public let id: Int64
    public let request: JSONObject
    public let state: State
    /// Whether somebody works on it now.
    public let isRunning: Bool
    /// Nil until its name is known.
    public let path: FilePath?
    public let bytes: Int64
    public let bytesTotal: Int64?
    public let problem: JSONValue?
    /// Milliseconds since 1970.
    public let addedAt: Int64
    public let finishedAt: Int64?
}

/// The queue of downloads. An entry is worked on by whoever has claimed it.
extension Connection {
    /// Finished ones that are remembered.
    private static let remembered = 100

    /// Adds a download at the end; one that is wanted already is given back instead, and waits again if it had failed.
    public func addDownload(_ request: JSONObject) throws(ShelfError) -> Int64 {
        let text = String(decoding: JSONValue.object(request).bytes(), as: UTF8.self)
        if let known = try int("SELECT id FROM wanted_download WHERE request = ? AND state <> 'done'", .text(text)) {
            try run("UPDATE wanted_download SET state = 'waiting' WHERE id = ? AND state = 'failed'", .int(known))
            return known
        }
        try run(
            "INSERT INTO wanted_download (request, added_at) VALUES (?, ?)", .text(text),
            .int(Clock.wallMilliseconds()))
        let id = lastInsertedRow
        try run(
            """
            DELETE FROM wanted_download WHERE state = 'done' AND id NOT IN (
                SELECT id FROM wanted_download WHERE state = 'done' ORDER BY finished_at DESC, id DESC LIMIT ?)
            """, .int(Int64(Self.remembered)))
        return id
    }

    public func downloads() throws(ShelfError) -> [WantedDownload] { try downloads("", []) }

    public func download(_ id: Int64) throws(ShelfError) -> WantedDownload? {
        try downloads("WHERE id = ?", [.int(id)]).first
    }

    private func downloads(_ condition: String, _ values: [SQLValue]) throws(ShelfError) -> [WantedDownload] {
        var found: [WantedDownload] = []
        let now = Clock.wallMilliseconds()
        try rows(
            """
            SELECT id, request, state, path, bytes, bytes_total, problem, added_at, finished_at, claim_until
            FROM wanted_download \(condition) ORDER BY id
            """, values
        ) { row in
            func json(_ column: Int32) -> JSONValue? {
                row.text(column).flatMap { try? JSONValue.parse(Array($0.utf8)) }
            }
            found.append(
                WantedDownload(
                    id: row.int(0, or: 0), request: json(1)?.object ?? [:],
                    state: row.text(2).flatMap { WantedDownload.State(rawValue: $0) } ?? .waiting,
                    isRunning: row.int(9, or: 0) >= now, path: row.blob(3).map { FilePath(bytes: $0) },
                    bytes: row.int(4, or: 0), bytesTotal: row.int(5), problem: json(6), addedAt: row.int(7, or: 0),
                    finishedAt: row.int(8)))
        }
        return found
    }

    /// Claims a download that waits; false when it does not, or somebody else has it.
    public func claimDownload(_ id: Int64, _ owner: ClaimOwner, now: Int64) throws(ShelfError) -> Bool {
        try run(
            """
            UPDATE wanted_download SET claim_owner = ?1, claim_until = ?2, problem = NULL
            WHERE id = ?3 AND state = 'waiting' AND (claim_owner IS NULL OR claim_until < ?4)
            """, .text(owner.text), .int(now + ClaimOwner.lifetime), .int(id), .int(now))
        return changes == 1
    }

    /// Says how far a download is and that its owner still works on it; false when it is not to go on.
    public func noteDownload(
        _ id: Int64, path: FilePath?, bytes: Int64, total: Int64?, _ owner: ClaimOwner
    ) throws(ShelfError) -> Bool {
        try run(
            """
            UPDATE wanted_download SET path = coalesce(?, path), bytes = ?, bytes_total = coalesce(?, bytes_total),
                claim_until = ?
            WHERE id = ? AND claim_owner = ?
            """, path.map { .path($0) } ?? .null, .int(bytes), .optional(total),
            .int(Clock.wallMilliseconds() + ClaimOwner.lifetime), .int(id), .text(owner.text))
        guard changes == 1 else { return false }
        return try int("SELECT 1 FROM wanted_download WHERE id = ? AND state = 'waiting'", .int(id)) != nil
    }

    /// Frees a download that its owner stops working on.
    public func releaseDownload(_ id: Int64, _ owner: ClaimOwner) throws(ShelfError) {
        try run(
            "UPDATE wanted_download SET claim_owner = NULL, claim_until = NULL WHERE id = ? AND claim_owner = ?",
            .int(id), .text(owner.text))
    }

    /// Ends a download: done when there is no problem.
    public func finishDownload(
        _ id: Int64, path: FilePath?, bytes: Int64?, problem: JSONValue?
    ) throws(ShelfError) {
        try run(
            """
            UPDATE wanted_download SET state = ?, path = coalesce(?, path), bytes = coalesce(?, bytes),
                bytes_total = coalesce(?, bytes_total), problem = ?, finished_at = ?, claim_owner = NULL,
                claim_until = NULL
            WHERE id = ?
            """, .text(problem == nil ? "done" : "failed"), path.map { .path($0) } ?? .null, .optional(bytes),
            .optional(bytes), .optional(problem.map { String(decoding: $0.bytes(), as: UTF8.self) }),
            .int(Clock.wallMilliseconds()), .int(id))
    }

    public func pauseDownload(_ id: Int64) throws(ShelfError) {
        try run("UPDATE wanted_download SET state = 'paused' WHERE id = ? AND state IN ('waiting', 'failed')", .int(id))
    }

    public func resumeDownload(_ id: Int64) throws(ShelfError) {
        try run("UPDATE wanted_download SET state = 'waiting' WHERE id = ? AND state IN ('paused', 'failed')", .int(id))
    }

    public func removeDownload(_ id: Int64) throws(ShelfError) {
        try run("DELETE FROM wanted_download WHERE id = ?", .int(id))
    }
}
