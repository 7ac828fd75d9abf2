public import ShelfBase

/// The digests of a content as they are stored.
public struct StoredDigests: Sendable {
    public var sha256: [UInt8]?
    public var tensorSHA256: [UInt8]?
    public var afterHeaderSHA256: [UInt8]?
    public var legacyWindowSHA256: [UInt8]?
    public var blake3: [UInt8]?
    public var crc32: UInt32?

    public init() {}
}

/// What a header tells, packed as the store keeps it. Packing takes longer than writing, so whoever has read the header
/// does it, and not the one thread that writes.
public struct StoredHeader: Sendable {
    public let format: String
    let packed: [UInt8]

    public init(format: String, _ facts: JSONObject) {
        self.format = format
        packed = Compression.pack(.object(facts))
    }
}

/// A content row.
public struct Content: Sendable {
    public let id: Int64
    public let size: Int64
    public let digests: StoredDigests
    public let sample: [UInt8]?
    public let format: String?
    /// What was read from the header.
    public let header: JSONObject
}

extension Connection {
    public func content(_ id: Int64) throws(ShelfError) -> Content? {
        var content: Content?
        try rows(
            """
            SELECT id, size, sha256, tensor_sha256, after_header_sha256, legacy_window_sha256, blake3, crc32, sample,
                format, header
            FROM content WHERE id = ?
            """, [.int(id)]
        ) { row in
            var digests = StoredDigests()
            digests.sha256 = row.blob(2)
            digests.tensorSHA256 = row.blob(3)
            digests.afterHeaderSHA256 = row.blob(4)
            digests.legacyWindowSHA256 = row.blob(5)
            digests.blake3 = row.blob(6)
            digests.crc32 = row.int(7).map { UInt32(truncatingIfNeeded: $0) }
            content = Content(
                id: row.int(0, or: 0), size: row.int(1, or: 0), digests: digests, sample: row.blob(8),
                format: row.text(9), header: Compression.unpackJSON(row.blob(10))?.object ?? [:])
        }
        return content
    }

    public func sample(content: Int64) throws(ShelfError) -> [UInt8]? {
        var sample: [UInt8]?
        try rows("SELECT sample FROM content WHERE id = ?", [.int(content)]) { sample = $0.blob(0) }
        return sample
    }

    /// Whether any hashed content has this size, so that a sample could tell more.
    public func hasSampledContent(size: Int64, ofFilesLike inode: UInt64) throws(ShelfError) -> Bool {
        if try int("SELECT 1 FROM location WHERE inode = ? AND size = ? LIMIT 1", .bits(inode), .int(size)) != nil {
            return true
        }
        return try int("SELECT 1 FROM content WHERE size = ? AND sample IS NOT NULL LIMIT 1", .int(size)) != nil
    }

    public func contents(sample: [UInt8], size: Int64) throws(ShelfError) -> [Int64] {
        var ids: [Int64] = []
        try rows("SELECT id FROM content WHERE sample = ? AND size = ?", [.blob(sample), .int(size)]) { row in
            ids.append(row.int(0, or: 0))
        }
        return ids
    }

    /// Records what a header tells.
    public func setHeader(content: Int64, _ header: StoredHeader) throws(ShelfError) {
        try run(
            "UPDATE content SET format = ?, header = ? WHERE id = ?", .text(header.format), .blob(header.packed),
            .int(content))
    }

    /// Records the digests of a file and settles which content it is: its own, or one that has these bytes already.
    /// Gives the content's id.
    public func setDigests(
        location: Int64, _ digests: StoredDigests, sample: [UInt8], _ identity: FileIdentity
    ) throws(ShelfError) -> Int64 {
        guard let file = try knownFile(id: location), digests.sha256 != nil else { return 0 }
        let content = try setDigests(of: file, digests, sample: sample, identity)
        var change = LocationChange()
        change.read(identity, unsettled: identity.isModified(justBefore: Clock.wallNanoseconds()))
        change.finish(.hashed)
        try update(file, change)
        return content
    }

    /// The same without a word of it in the file's own row, but for its content: that has to follow. `header` is
    /// recorded too; a new file's content is written once then.
    public func setDigests(
        of file: KnownFile, _ digests: StoredDigests, sample: [UInt8], _ identity: FileIdentity,
        header: StoredHeader? = nil
    ) throws(ShelfError) -> Int64 {
        let now = Clock.wallMilliseconds()
        guard let sha256 = digests.sha256 else { return file.content }
        var content = file.content
        var header = header
        var recorded: [UInt8]?
        var predecessor: Int64?
        try rows("SELECT sha256, predecessor_id FROM content WHERE id = ?", [.int(content)]) { row in
            recorded = row.blob(0)
            predecessor = row.int(1)
        }
        let isOther = recorded.map { $0 != sha256 } ?? false
        let known = try int("SELECT id FROM content WHERE sha256 = ? AND id <> ?", .blob(sha256), .int(content))
        if isOther || known != nil, let told = header {
            try setHeader(content: content, told)
            header = nil
        }
        if isOther {
            // Taken for a copy, or for what was downloaded, and something else after all: the others keep their content.
            predecessor = content
            content = try ownContent(of: file, now: now)
        }
        if let known {
            try adopt(content: known, at: file.id, from: content)
            content = known
        }
        let values: [SQLValue] = [
            .blob(sha256), .optional(digests.tensorSHA256), .optional(digests.afterHeaderSHA256),
            .optional(digests.legacyWindowSHA256), .optional(digests.blake3), .optional(digests.crc32.map(Int64.init)),
            .blob(sample), .int(identity.size), .int(now), .int(content),
        ]
        let columns = """
            sha256 = ?, tensor_sha256 = ?, after_header_sha256 = ?, legacy_window_sha256 = ?,
            blake3 = coalesce(?, blake3), crc32 = ?, sample = ?, size = ?, hashed_at = ?, adopted = 0
            """
        if let header {
            try run(
                "UPDATE content SET format = ?, header = ?, \(columns) WHERE id = ?",
                values: [.text(header.format), .blob(header.packed)] + values)
        } else {
            try run("UPDATE content SET \(columns) WHERE id = ?", values: values)
        }
        try settle(predecessor: predecessor, of: content, isNew: content == file.content, digests)
        if file.remoteStatus == nil || content != file.content {
            try run(
                "INSERT OR IGNORE INTO remote (content_id, source, status) VALUES (?, 'civitai', 'pending')",
                .int(content))
        }
        return content
    }

    /// Gives a file a content of its own that follows the one it was thought to have.
    private func ownContent(of file: KnownFile, now: Int64) throws(ShelfError) -> Int64 {
        try run(
            """
            INSERT INTO content (size, added_at, predecessor_id, format, header)
            SELECT size, ?, id, format, header FROM content WHERE id = ?
            """, .int(now), .int(file.content))
        let content = lastInsertedRow
        try run("UPDATE location SET content_id = ? WHERE id = ?", .int(content), .int(file.id))
        try inheritStatements(from: file.content, to: content)
        return content
    }

    /// Lets a file that turned out to hold known bytes share their content; what was said of it goes along.
    func adopt(content known: Int64, at location: Int64, from provisional: Int64) throws(ShelfError) {
        try uniteStatements(from: provisional, into: known)
        try inheritPinnedMatch(from: provisional, to: known)
        try run("UPDATE location SET content_id = ? WHERE id = ?", .int(known), .int(location))
        // The provisional row may carry what was read from the header while the known one has none.
        try run(
            """
            UPDATE content SET (format, header) = (SELECT format, header FROM content WHERE id = ?1)
            WHERE id = ?2 AND header IS NULL
            """, .int(provisional), .int(known))
        try dropIfUnused(content: provisional)
    }

    /// Closes the link to what stood at the same path before: an old digest of the same tensors still finds the file.
    func settle(
        predecessor: Int64?, of content: Int64, isNew: Bool, _ digests: StoredDigests
    ) throws(ShelfError) {
        if isNew, predecessor == nil { return }
        try run("UPDATE content SET predecessor_id = NULL WHERE id = ?", .int(content))
        guard let predecessor, predecessor != content, let earlier = try self.content(predecessor) else { return }
        if let tensors = digests.tensorSHA256, tensors == earlier.digests.tensorSHA256, let old = earlier.digests.sha256
        {
            try run(
                """
                INSERT OR IGNORE INTO former_digest (content_id, sha256)
                SELECT ?1, ?2 UNION SELECT ?1, sha256 FROM former_digest WHERE content_id = ?3
                """, .int(content), .blob(old), .int(predecessor))
            try inheritPinnedMatch(from: predecessor, to: content)
        } else if isNew {
            try noteInheritance(content: content)
        }
        try dropIfUnused(content: predecessor)
    }

    /// A match that the user made goes along like what the user says; one that was made for the other content stays.
    private func inheritPinnedMatch(from earlier: Int64, to content: Int64) throws(ShelfError) {
        try run(
            """
            INSERT OR REPLACE INTO remote (content_id, source, status, model_id, version_id, file_id, matched_by,
                summary, pinned, attempts, checked_at, due_at)
            SELECT ?2, source, status, model_id, version_id, file_id, matched_by, summary, pinned, attempts,
                checked_at, due_at
            FROM remote r WHERE content_id = ?1 AND pinned AND NOT EXISTS (
                SELECT 1 FROM remote k WHERE k.content_id = ?2 AND k.source = r.source AND k.pinned)
            """, .int(earlier), .int(content))
    }

    /// Deletes a content that no file has and of which nothing is known that could be wanted back.
    func dropIfUnused(content: Int64) throws(ShelfError) {
        try run(
            """
            DELETE FROM content WHERE id = ?1 AND sha256 IS NULL
                AND NOT EXISTS (SELECT 1 FROM location WHERE content_id = ?1)
                AND NOT EXISTS (SELECT 1 FROM content_part WHERE part_id = ?1)
            """, .int(content))
    }
}
