import ShelfBase
import ShelfStore
import ShelfTestSupport

extension Folder {
    func openStore(_ name: String = "library.db") throws -> Store { try Store(self[name]) }

    /// What `stat` says of a file made for it, with a modification time in the past.
    func identity(_ name: String, size: Int = 10, modified: Int = 1_000_000) throws -> FileIdentity {
        if !exists(name) { try write(name, [UInt8](repeating: 1, count: size)) }
        try touch(name, modified)
        return try FileIdentity.of(self[name]).get()
    }
}

extension Store {
    func root(_ path: String = "/library") throws -> Int64 {
        try write { (connection) throws(ShelfError) in try connection.ensureRoot(holding: FilePath(path)).root.id }
    }

    func takeUp(_ root: Int64, _ path: String, _ identity: FileIdentity, force: Bool = false) throws -> Int64 {
        try takeUp(root, FilePath(path), identity, force: force)
    }

    func takeUp(_ root: Int64, _ path: FilePath, _ identity: FileIdentity, force: Bool = false) throws -> Int64 {
        try write { (connection) throws(ShelfError) in
            try connection.takeUp(root: root, path: path, identity, force: force)
        }
    }

    @discardableResult
    func hash(_ id: Int64, _ digest: UInt8, tensors: UInt8? = nil, _ identity: FileIdentity) throws -> Int64 {
        var digests = StoredDigests()
        digests.sha256 = [UInt8](repeating: digest, count: 32)
        digests.tensorSHA256 = tensors.map { [UInt8](repeating: $0, count: 32) }
        return try write { (connection) throws(ShelfError) in
            try connection.setDigests(location: id, digests, sample: [digest], identity)
        }
    }

    func file(_ id: Int64) throws -> KnownFile? {
        try read { (connection) throws(ShelfError) in try connection.knownFile(id: id) }
    }

    func say(_ content: Int64, _ field: String, _ value: JSONValue?, source: String = "user") throws {
        try write { (connection) throws(ShelfError) in
            try connection.say(content: content, source: source, field: field, value)
        }
    }

    func said(_ content: Int64) throws -> [String: JSONValue] {
        let said = try read { (connection) throws(ShelfError) in try connection.statements(content: content) }
        return Dictionary(uniqueKeysWithValues: said.map { ("\($0.source).\($0.field)", $0.value) })
    }

    func contents(digest: String) throws -> [Int64] {
        try read { (connection) throws(ShelfError) in try connection.contents(digest: digest) }
    }

    func count(_ sql: String) throws -> Int64 {
        try read { (connection) throws(ShelfError) in try connection.int("SELECT count(*) FROM \(sql)") } ?? 0
    }

    /// Old and new values of the history, oldest first.
    func history(_ content: Int64) throws -> [[String?]] {
        try read { (connection) throws(ShelfError) in
            var rows: [[String?]] = []
            try connection.rows(
                "SELECT field, old_value, new_value FROM statement_history WHERE content_id = ? ORDER BY id",
                [.int(content)]
            ) { rows.append([$0.text(0), $0.text(1), $0.text(2)]) }
            return rows
        }
    }
}
