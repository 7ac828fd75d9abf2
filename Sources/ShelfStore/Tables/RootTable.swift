public import ShelfBase

/// A folder below which locations are kept. Registered roots are those that the user named for good.
public struct Root: Sendable {
    public let id: Int64
    /// Absolute, links resolved.
    public let path: FilePath
    public let isRegistered: Bool
    /// Registered by the user, not only by the configuration.
    public let isRegisteredByUser: Bool
    /// The path by which the configuration names it; nil when it does not.
    public let nameInConfiguration: FilePath?
    /// The type of files here whose header does not tell it.
    public let type: String?
    /// Whether digests of files here may be asked of a service.
    public let allowsLookup: Bool
    /// What else the user said holds here.
    public let settings: JSONObject
}

extension Connection {
    public func roots() throws(ShelfError) -> [Root] {
        var roots: [Root] = []
        try rows("SELECT id, path, registered, type, lookup, settings, named FROM root ORDER BY path") { row in
            let registered = row.int(2, or: 0)
            let settings = row.text(5).flatMap { try? JSONValue.parse($0) }?.object
            roots.append(
                Root(
                    id: row.int(0, or: 0), path: row.path(1), isRegistered: registered != 0,
                    isRegisteredByUser: registered & 1 != 0,
                    nameInConfiguration: registered & 2 != 0 ? row.blob(6).map { FilePath(bytes: $0) } : nil,
                    type: row.text(3), allowsLookup: row.int(4) != 0, settings: settings ?? [:]))
        }
        return roots
    }

    /// The innermost root that holds `folder` and the folder's path below it. One is made when there is none; roots
    /// below the new one are merged into it, so that no file ever has two locations.
    public func ensureRoot(holding folder: FilePath) throws(ShelfError) -> (root: Root, below: FilePath) {
        let holders = try roots().compactMap { root in folder.relative(to: root.path).map { (root: root, below: $0) } }
        if let innermost = holders.max(by: { $0.root.path.bytes.count < $1.root.path.bytes.count }) { return innermost }
        try run("INSERT INTO root (path) VALUES (?)", .path(folder))
        let root = Root(
            id: lastInsertedRow, path: folder, isRegistered: false, isRegisteredByUser: false, nameInConfiguration: nil,
            type: nil, allowsLookup: true, settings: [:])
        for inner in try roots() where inner.id != root.id && !inner.isRegistered {
            if let below = inner.path.relative(to: folder) { try merge(inner, into: root, at: below) }
        }
        return (root, FilePath(bytes: []))
    }

    /// Makes a folder a root that the user registered, or changes what holds there.
    public func registerRoot(
        _ path: FilePath, type: String?, allowsLookup: Bool = true, settings: JSONObject = [:]
    ) throws(ShelfError) {
        let saysNothing = allowsLookup && settings.members.allSatisfy(\.value.isNull)
        if saysNothing,
            let outer = try roots().first(where: {
                $0.isRegistered && $0.path != path && path.relative(to: $0.path) != nil
            }), type == nil || type == outer.type
        {
            throw ShelfError(
                .usage, "it lies in the root \(outer.path.display) already", path: path,
                hint: "give it a type of its own, or remove the outer root first")
        }
        try makeRoot(path)
        try run(
            "UPDATE root SET registered = registered | 1, type = ?, lookup = ?, settings = ? WHERE path = ?",
            .optional(type), .bool(allowsLookup), .text(JSONValue.object(settings).text()), .path(path))
    }

    /// Makes exactly these folders the roots of the configuration. `named` is what it calls them.
    public func configureRoots(_ wanted: [(path: FilePath, named: FilePath)]) throws(ShelfError) {
        try run("UPDATE root SET registered = registered & 1, named = NULL WHERE registered & 2")
        for root in wanted {
            try makeRoot(root.path)
            try run(
                "UPDATE root SET registered = registered | 2, named = ? WHERE path = ?", .path(root.named),
                .path(root.path))
        }
    }

    /// Gives a folder a root of its own. Files known from a scan of a folder around it, or of one inside it, come under it.
    private func makeRoot(_ path: FilePath) throws(ShelfError) {
        let known = try roots()
        let isNew = !known.contains { $0.path == path && $0.isRegistered }
        if !known.contains(where: { $0.path == path }) { try run("INSERT INTO root (path) VALUES (?)", .path(path)) }
        guard isNew, let root = try roots().first(where: { $0.path == path }) else { return }
        for other in known where other.id != root.id {
            if let below = other.path.relative(to: path), !other.isRegistered {
                try merge(other, into: root, at: below)
            } else if let inside = path.relative(to: other.path) {
                try split(other, at: inside, into: root)
            }
        }
    }

    /// The number of the file system that a root lay on when files were last seen there.
    public func device(root: Int64) throws(ShelfError) -> UInt64? {
        try int("SELECT device FROM root WHERE id = ?", .int(root)).map(UInt64.init(bitPattern:))
    }

    public func setDevice(root: Int64, _ device: UInt64) throws(ShelfError) {
        try run("UPDATE root SET device = ? WHERE id = ?", .bits(device), .int(root))
    }

    /// Forgets that the user made a folder a root, and what holds there; what is known of its files stays.
    public func unregisterRoot(_ path: FilePath) throws(ShelfError) -> Bool {
        try run(
            """
            UPDATE root SET registered = registered & 2, type = NULL, lookup = 1, settings = NULL
            WHERE path = ? AND registered & 1
            """, .path(path))
        return changes > 0
    }

    /// Files known below a root that are not missing.
    public func countFiles(root: Int64) throws(ShelfError) -> Int {
        Int(try int("SELECT count(*) FROM location WHERE root_id = ? AND missing = 0", .int(root)) ?? 0)
    }

    private func merge(_ inner: Root, into outer: Root, at below: FilePath) throws(ShelfError) {
        let prefix = below.bytes.isEmpty ? [] : below.bytes + [UInt8(ascii: "/")]
        try run(
            "UPDATE OR REPLACE location SET root_id = ?1, path = CAST(?2 || path AS BLOB) WHERE root_id = ?3",
            .int(outer.id), .blob(prefix), .int(inner.id))
        try run("DELETE FROM root WHERE id = ?", .int(inner.id))
    }

    private func split(_ outer: Root, at inside: FilePath, into root: Root) throws(ShelfError) {
        let prefix = inside.bytes + [UInt8(ascii: "/")]
        try run(
            """
            UPDATE OR REPLACE location SET root_id = ?1, path = CAST(substr(path, ?2) AS BLOB)
            WHERE root_id = ?3 AND substr(path, 1, ?4) = ?5
            """,
            .int(root.id), .int(prefix.count + 1), .int(outer.id), .int(prefix.count), .blob(prefix))
    }
}
