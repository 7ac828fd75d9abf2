public import ShelfBase

/// How far a file has come.
public enum Stage: Int64, Sendable, Comparable {
    case found, headerRead, hashed

    public static func < (left: Stage, right: Stage) -> Bool { left.rawValue < right.rawValue }
}

/// What the store knows of one file without looking at it.
public struct KnownFile: Sendable {
    public var id: Int64
    public var root: Int64
    /// Below the root.
    public var path: FilePath
    public var content: Int64
    public var size: Int64
    public var modified: Int64
    public var changed: Int64
    public var inode: UInt64
    public var stage: Stage
    public var isUnsettled: Bool
    public var isMissing: Bool
    public var problemCode: String?
    public var problem: String?
    /// What Civitai said of its content; nil before it is hashed.
    public var remoteStatus: String?
    /// When Civitai should be asked about it again (milliseconds).
    public var remoteDue: Int64
    public var remoteIsPinned: Bool

    /// Same size and times, inode included: nothing needs to be read.
    public func isUnchanged(_ identity: FileIdentity) -> Bool {
        size == identity.size && modified == identity.modified && changed == identity.changed && inode == identity.inode
    }
}

extension Connection {
    private static let knownColumns = """
        l.id, l.root_id, l.path, l.content_id, l.size, l.modified_ns, l.changed_ns, l.inode, l.stage, l.unsettled,
        l.missing, l.problem_code, l.problem, r.status, r.due_at, r.pinned
        """
    private static let knownSource = """
        FROM location l LEFT JOIN remote r ON r.content_id = l.content_id AND r.source = 'civitai'
        """

    private func known(_ row: Statement) -> KnownFile {
        KnownFile(
            id: row.int(0, or: 0), root: row.int(1, or: 0), path: row.path(2), content: row.int(3, or: 0),
            size: row.int(4, or: 0), modified: row.int(5, or: 0), changed: row.int(6, or: 0), inode: row.bits(7),
            stage: Stage(rawValue: row.int(8, or: 0)) ?? .found, isUnsettled: row.int(9) == 1,
            isMissing: row.int(10) == 1, problemCode: row.text(11), problem: row.text(12), remoteStatus: row.text(13),
            remoteDue: row.int(14, or: 0), remoteIsPinned: row.int(15) == 1)
    }

    /// Absolute paths of the files that are there with a content, or with another one of the same tensors.
    public func places(sharing content: Int64) throws(ShelfError) -> [FilePath] {
        var places: [FilePath] = []
        try rows(
            """
            SELECT r.path, l.path FROM location l JOIN root r ON r.id = l.root_id
            WHERE l.missing = 0 AND (l.content_id = ?1 OR l.content_id IN (
                SELECT o.id FROM content c JOIN content o ON o.after_header_sha256 = c.after_header_sha256
                WHERE c.id = ?1))
            """, [.int(content)]
        ) { row in places.append(row.path(0).appending(row.path(1))) }
        return places
    }

    /// Every file known in or below a folder of a root (all of it when `below` is empty).
    public func knownFiles(root: Int64, below: FilePath) throws(ShelfError) -> [KnownFile] {
        var files: [KnownFile] = []
        if below.isEmpty {
            try rows("SELECT \(Self.knownColumns) \(Self.knownSource) WHERE l.root_id = ?", [.int(root)]) {
                files.append(known($0))
            }
        } else {
            // Blobs compare byte by byte: everything below "a" lies between "a/" and "a0", the byte after "/".
            try rows(
                """
                SELECT \(Self.knownColumns) \(Self.knownSource)
                WHERE l.root_id = ?1 AND (l.path = ?2 OR (l.path >= ?3 AND l.path < ?4))
                """,
                [
                    .int(root), .path(below), .blob(below.bytes + [UInt8(ascii: "/")]),
                    .blob(below.bytes + [UInt8(ascii: "/") + 1]),
                ]
            ) { files.append(known($0)) }
        }
        return files
    }

    public func knownFile(root: Int64, path: FilePath) throws(ShelfError) -> KnownFile? {
        var file: KnownFile?
        try rows(
            "SELECT \(Self.knownColumns) \(Self.knownSource) WHERE l.root_id = ? AND l.path = ?",
            [.int(root), .path(path)]
        ) { file = known($0) }
        return file
    }

    public func knownFile(id: Int64) throws(ShelfError) -> KnownFile? {
        var file: KnownFile?
        try rows("SELECT \(Self.knownColumns) \(Self.knownSource) WHERE l.id = ?", [.int(id)]) { file = known($0) }
        return file
    }

    /// Files of a content, the present ones first.
    public func knownFiles(content: Int64) throws(ShelfError) -> [KnownFile] {
        var files: [KnownFile] = []
        try rows(
            "SELECT \(Self.knownColumns) \(Self.knownSource) WHERE l.content_id = ? ORDER BY l.missing, l.path",
            [.int(content)]
        ) { files.append(known($0)) }
        return files
    }

    public func knownFiles(inode: UInt64, size: Int64) throws(ShelfError) -> [KnownFile] {
        var files: [KnownFile] = []
        try rows(
            "SELECT \(Self.knownColumns) \(Self.knownSource) WHERE l.inode = ? AND l.size = ?",
            [.bits(inode), .int(size)]
        ) { files.append(known($0)) }
        return files
    }

    /// Takes up a file that is new or has changed, with a content of its own until it is hashed. A row that another
    /// process made for the same state of the file is left as it is. Gives the row's id.
    public func takeUp(root: Int64, path: FilePath, _ identity: FileIdentity, force: Bool) throws(ShelfError) -> Int64 {
        let now = Clock.wallMilliseconds()
        let earlier = try knownFile(root: root, path: path)
        if let earlier, earlier.isUnchanged(identity), !force {
            if earlier.isMissing { try setMissing(earlier.id, false) }
            return earlier.id
        }
        let content = try unhashedContent(after: earlier, size: identity.size, now: now)
        guard let earlier else {
            try run(
                """
                INSERT INTO location (root_id, path, content_id, size, modified_ns, changed_ns, inode, device, added_at)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
                """,
                .int(root), .path(path), .int(content), .int(identity.size), .int(identity.modified),
                .int(identity.changed), .bits(identity.inode), .bits(identity.device), .int(now))
            return lastInsertedRow
        }
        try run(
            """
            UPDATE location SET content_id = ?, stage = 0, missing = 0, unsettled = 0, problem_code = NULL,
                problem = NULL, claim_owner = NULL, claim_until = NULL
            WHERE id = ?
            """, .int(content), .int(earlier.id))
        try setIdentity(earlier.id, identity, unsettled: false)
        try inheritStatements(from: earlier.content, to: content)
        return earlier.id
    }

    /// A content for a new state of a file. One that was never hashed hangs on the file and goes on with it; one that was
    /// is followed by another.
    private func unhashedContent(after earlier: KnownFile?, size: Int64, now: Int64) throws(ShelfError) -> Int64 {
        if let earlier {
            try run(
                "UPDATE content SET size = ?, format = NULL, header = NULL WHERE id = ? AND sha256 IS NULL", .int(size),
                .int(earlier.content))
            if changes == 1 { return earlier.content }
        }
        try run(
            "INSERT INTO content (size, added_at, predecessor_id) VALUES (?, ?, ?)", .int(size), .int(now),
            .optional(earlier?.content))
        return lastInsertedRow
    }

    /// Records what `stat` says now of a file whose content is known to be the same.
    public func setIdentity(_ id: Int64, _ identity: FileIdentity, unsettled: Bool) throws(ShelfError) {
        try run(
            """
            UPDATE location SET size = ?, modified_ns = ?, changed_ns = ?, inode = ?, device = ?, unsettled = ?,
                missing = 0
            WHERE id = ?
            """,
            .int(identity.size), .int(identity.modified), .int(identity.changed), .bits(identity.inode),
            .bits(identity.device), .bool(unsettled), .int(id))
    }

    /// Moves a location to where its file is now. False when another process was quicker.
    public func move(
        _ file: KnownFile, toRoot root: Int64, path: FilePath, _ identity: FileIdentity
    ) throws(ShelfError) -> Bool {
        try run(
            "UPDATE OR IGNORE location SET root_id = ?, path = ?, missing = 0 WHERE id = ? AND root_id = ? AND path = ?",
            .int(root), .path(path), .int(file.id), .int(file.root), .path(file.path))
        guard changes == 1 else { return false }
        try setIdentity(file.id, identity, unsettled: file.isUnsettled)
        return true
    }

    /// Adds a second file of a content that is known already, without reading it.
    public func addCopy(
        of file: KnownFile, root: Int64, path: FilePath, _ identity: FileIdentity
    ) throws(ShelfError) -> Int64 {
        let id = try takeUp(root: root, path: path, identity, force: false)
        guard let row = try knownFile(id: id), row.content != file.content, row.stage == .found else { return id }
        try run(
            "UPDATE location SET content_id = ?, stage = ?, problem_code = ?, problem = ? WHERE id = ?",
            .int(file.content), .int(file.stage.rawValue), .optional(file.problemCode), .optional(file.problem),
            .int(id))
        try dropIfUnused(content: row.content)
        return id
    }

    public func setMissing(_ id: Int64, _ missing: Bool) throws(ShelfError) {
        try run("UPDATE location SET missing = ? WHERE id = ?", .bool(missing), .int(id))
    }

    public func setProblem(_ id: Int64, _ error: ShelfError?, stage: Stage) throws(ShelfError) {
        try run(
            """
            UPDATE location SET problem_code = ?, problem = ?, stage = ?, claim_owner = NULL, claim_until = NULL
            WHERE id = ?
            """,
            .optional(error?.code.rawValue), .optional(error?.message), .int(stage.rawValue), .int(id))
    }
}
