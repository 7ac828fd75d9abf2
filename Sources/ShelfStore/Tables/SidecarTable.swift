public import ShelfBase

/// What we last wrote into a sidecar: the base against which others' changes are seen.
public struct WrittenSidecar: Sendable {
    /// Our keys as we wrote them, as JSON.
    public let base: [UInt8]
    /// What we wanted to say then, as a digest: when it is the same and the file was not touched, nothing is to be done.
    public let wish: [UInt8]
    public let size: Int64
    /// Nanoseconds since 1970.
    public let modified: Int64
    public let changed: Int64
    public let inode: UInt64

    /// Whether the sidecar is still the file that was looked at then.
    public func isUntouched(_ identity: FileIdentity) -> Bool {
        size == identity.size && modified == identity.modified && changed == identity.changed
            && inode == identity.inode
    }
}

extension Connection {
    /// - Parameter path: of the sidecar, absolute.
    public func writtenSidecar(_ path: FilePath) throws(ShelfError) -> WrittenSidecar? {
        var written: WrittenSidecar?
        try rows(
            "SELECT base, wish, size, modified_ns, changed_ns, inode FROM sidecar WHERE path = ?", [.path(path)]
        ) { row in
            guard let base = Compression.unpack(row.blob(0) ?? []) else { return }
            written = WrittenSidecar(
                base: base, wish: row.blob(1) ?? [], size: row.int(2, or: 0), modified: row.int(3, or: 0),
                changed: row.int(4, or: 0), inode: row.bits(5))
        }
        return written
    }

    public func setWrittenSidecar(
        _ path: FilePath, base: [UInt8], wish: [UInt8], _ identity: FileIdentity
    ) throws(ShelfError) {
        try run(
            """
            INSERT OR REPLACE INTO sidecar (path, base, wish, size, modified_ns, changed_ns, inode)
            VALUES (?, ?, ?, ?, ?, ?, ?)
            """,
            .path(path), .blob(Compression.pack(base)), .blob(wish), .int(identity.size), .int(identity.modified),
            .int(identity.changed), .bits(identity.inode))
    }

    public func forgetWrittenSidecar(_ path: FilePath) throws(ShelfError) {
        try run("DELETE FROM sidecar WHERE path = ?", .path(path))
    }

    /// When a service is to be asked again about a content (milliseconds).
    public func remoteDue(content: Int64, source: String = "civitai") throws(ShelfError) -> Int64? {
        try int("SELECT due_at FROM remote WHERE content_id = ? AND source = ?", .int(content), .text(source))
    }

    /// Marks digests as taken over from a sidecar, not yet computed here.
    public func markAdopted(content: Int64) throws(ShelfError) {
        try run("UPDATE content SET adopted = 1 WHERE id = ?", .int(content))
    }

    /// Whether the digests of a content are a sidecar's word.
    public func isAdopted(content: Int64) throws(ShelfError) -> Bool {
        try int("SELECT adopted FROM content WHERE id = ?", .int(content)) == 1
    }

    /// Contents whose digests are a sidecar's word.
    public func adoptedContents() throws(ShelfError) -> Set<Int64> {
        var ids: Set<Int64> = []
        try rows("SELECT id FROM content WHERE adopted = 1") { ids.insert($0.int(0, or: 0)) }
        return ids
    }

    /// When a value was last changed or taken back (milliseconds); nil when it never was.
    public func lastSaid(content: Int64, source: String, field: String) throws(ShelfError) -> Int64? {
        try int(
            "SELECT max(at) FROM statement_history WHERE content_id = ? AND source = ? AND field = ?", .int(content),
            .text(source), .text(field))
    }
}
