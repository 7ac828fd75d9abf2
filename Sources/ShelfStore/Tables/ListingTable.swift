public import ShelfBase

/// What lists and searches of one file go by, derived from every source.
public struct Listing: Sendable {
    public var name: String
    public var type: String?
    public var baseModel: String?
    public var isFavorite = false
    public var words: [String] = []
    public var tags: [String] = []
    public var description = ""
    public var notes = ""

    public init(name: String) { self.name = name }
}

/// Which files to list.
public struct ListingQuery: Sendable {
    public enum Sort: String, Sendable { case name, size, modified, added, type, baseModel }

    /// Words that must all occur, at least as prefixes; nil for no search.
    public var text: String?
    public var type: String?
    public var baseModel: String?
    public var tag: String?
    public var isMissingMetadata = false
    public var isFavorite = false
    public var sort = Sort.name
    public var limit: Int?
    public var offset = 0

    public init() {}
}

extension Connection {
    public func setListing(location: Int64, content: Int64, path: FilePath, _ listing: Listing) throws(ShelfError) {
        try run(
            "UPDATE location SET name = ?, type = ?, base_model = ?, favorite = ? WHERE id = ?", .text(listing.name),
            .optional(listing.type), .optional(listing.baseModel), .bool(listing.isFavorite), .int(location))
        try setSearchText(location: location, content: content, path: path, listing)
    }

    /// The part of a listing that lies outside of the file's row: what is searched, and the tags.
    public func setSearchText(
        location: Int64, content: Int64, path: FilePath, _ listing: Listing
    ) throws(ShelfError) {
        try run(
            """
            INSERT OR REPLACE INTO model_text (rowid, name, words, tags, description, notes, path)
            VALUES (?, ?, ?, ?, ?, ?, ?)
            """,
            .int(location), .text(listing.name), .text(listing.words.joined(separator: " ")),
            .text(listing.tags.joined(separator: " ")), .text(listing.description), .text(listing.notes),
            .text(path.display))
        try run("DELETE FROM tag WHERE content_id = ?", .int(content))
        for tag in listing.tags {
            try run("INSERT OR IGNORE INTO tag (content_id, tag) VALUES (?, ?)", .int(content), .text(tag))
        }
    }

    /// The ids of one page of files and how many there are in all. Missing files are listed too: they may come back.
    public func list(_ query: ListingQuery) throws(ShelfError) -> (locations: [Int64], total: Int) {
        var conditions = ["l.name IS NOT NULL"]
        var values: [SQLValue] = []
        var source = "location l"
        if let text = query.text {
            source = "model_text t JOIN location l ON l.id = t.rowid"
            conditions.append("model_text MATCH ?")
            values.append(.text(Self.matchExpression(text)))
        }
        if let type = query.type {
            conditions.append("l.type = ? COLLATE NOCASE")
            values.append(.text(type))
        }
        if let baseModel = query.baseModel {
            conditions.append("l.base_model = ? COLLATE NOCASE")
            values.append(.text(baseModel))
        }
        if let tag = query.tag {
            conditions.append("EXISTS (SELECT 1 FROM tag g WHERE g.content_id = l.content_id AND g.tag = ?)")
            values.append(.text(tag))
        }
        if query.isFavorite { conditions.append("l.favorite = 1") }
        if query.isMissingMetadata {
            conditions.append(
                """
                NOT EXISTS (SELECT 1 FROM remote r WHERE r.content_id = l.content_id AND r.status IN ('found', 'gone'))
                """)
        }
        let filter = "FROM \(source) WHERE \(conditions.joined(separator: " AND "))"
        var total = 0
        try rows("SELECT count(*) \(filter)", values) { total = Int($0.int(0, or: 0)) }
        var locations: [Int64] = []
        let order =
            query.text != nil && query.sort == .name
            ? "bm25(model_text, 8, 6, 4, 1, 2, 3)" : Self.order[query.sort] ?? "l.id"
        let page: [SQLValue] = [.int(query.limit ?? -1), .int(query.offset)]
        try rows("SELECT l.id \(filter) ORDER BY \(order), l.id LIMIT ? OFFSET ?", values + page) { row in
            locations.append(row.int(0, or: 0))
        }
        return (locations, total)
    }

    private static let order: [ListingQuery.Sort: String] = [
        .name: "l.name COLLATE NOCASE", .size: "l.size DESC", .modified: "l.modified_ns DESC",
        .added: "l.added_at DESC", .type: "l.type, l.name COLLATE NOCASE",
        .baseModel: "l.base_model, l.name COLLATE NOCASE",
    ]

    /// Every word quoted, so that nothing that a person types is FTS5 syntax, and open at its end.
    private static func matchExpression(_ text: String) -> String {
        let words = text.split(whereSeparator: \.isWhitespace).map { $0.filter { $0 != "\"" && $0 != "\0" } }
        let terms = words.filter { word in word.contains { $0.isLetter || $0.isNumber } }.map { "\"\($0)\"*" }
        return terms.isEmpty ? "\"\"" : terms.joined(separator: " ")
    }

    /// Files whose name, with or without extension, or shown name is this text; compared without case.
    public func locations(named name: String) throws(ShelfError) -> [Int64] {
        var ids: [Int64] = []
        try rows("SELECT id FROM location WHERE name = ? COLLATE NOCASE", [.text(name)]) {
            ids.append($0.int(0, or: 0))
        }
        return ids
    }

    /// Files whose path below the root ends in these bytes after a slash, or is them; an extension may follow.
    public func locations(pathSuffix suffix: FilePath) throws(ShelfError) -> [Int64] {
        var exact: [Int64] = []
        var withoutExtension: [Int64] = []
        let wanted = suffix.bytes
        try rows("SELECT id, path FROM location WHERE instr(path, ?) > 0", [.path(suffix)]) { row in
            let path = row.path(1)
            let id = row.int(0, or: 0)
            if Self.ends(path.bytes, wanted) { exact.append(id) }
            if Self.ends(path.parent.appending(path.stem).bytes, wanted) { withoutExtension.append(id) }
        }
        return exact.isEmpty ? withoutExtension : exact
    }

    private static func ends(_ bytes: [UInt8], _ suffix: [UInt8]) -> Bool {
        guard bytes.count >= suffix.count, bytes.suffix(suffix.count).elementsEqual(suffix) else { return false }
        return bytes.count == suffix.count || bytes[bytes.count - suffix.count - 1] == UInt8(ascii: "/")
    }
}
