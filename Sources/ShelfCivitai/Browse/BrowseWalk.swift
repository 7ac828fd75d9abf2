internal import ShelfBase

/// Walks from page to page: knows what to ask next and when the end is reached. No I/O.
///
/// Cursors alone are followed: the service's own `nextPage` repeats keys, changes hosts and on one route leads in
/// circles. A cursor that comes again ends the walk, and an item that comes again is left out.
struct BrowseWalk {
    /// Answers in a row without anything new; rows are dropped after they are counted, so that pages may be short.
    private static let patience = 20

    private let query: BrowseQuery
    private var cursor: String?
    private var page: Int64 = 1
    private var cursors: Set<String> = []
    private var seen: Set<String> = []
    private var given = 0
    private var barren = 0
    private var didAskAgain = false
    private(set) var isAtEnd = false

    init(_ query: BrowseQuery) {
        self.query = query
        isAtEnd = query.limit == 0
    }

    /// Parameters of the next answer to ask for.
    var parameters: [(String, String)] {
        var parameters = query.parameters + [("limit", String(query.pageSize))]
        if let cursor { parameters.append(("cursor", cursor)) }
        if !query.kind.hasCursors { parameters.append(("page", String(page))) }
        return parameters
    }

    /// Takes an answer; gives the items that are new and wanted.
    mutating func take(_ answer: JSONValue) throws(ShelfError) -> [JSONValue] {
        let rows = (answer["items"]?.array ?? []).filter { $0.object != nil }
        if rows.isEmpty, given == 0, cursor == nil, query.mayTimeOutSilently, !didAskAgain {
            didAskAgain = true
            return []
        }
        let tagged = rows.filter { query.hasTag($0) }
        if let tag = query.tag, given == 0, cursor == nil, !rows.isEmpty, tagged.isEmpty {
            throw ShelfError(
                .notFound, "Civitai knows no tag '\(tag)'",
                hint: "'modelshelf browse tags --query' finds those there are")
        }
        let fresh = tagged.filter { seen.insert(Self.identity($0)).inserted }
        var items = fresh.filter { query.accepts($0) }
        if let limit = query.limit { items = Array(items.prefix(limit - given)) }
        given += items.count
        barren = fresh.isEmpty ? barren + 1 : 0
        advance(answer["metadata"] ?? .null, rows: rows.count, fresh: fresh.count)
        if given == query.limit || barren >= Self.patience { isAtEnd = true }
        return items
    }

    private mutating func advance(_ metadata: JSONValue, rows: Int, fresh: Int) {
        guard query.kind.hasCursors else {
            page += 1
            // Neither totals nor links can be relied on: the end is a page that brings nothing.
            let isLast = metadata["totalPages"]?.int.map { $0 > 1 && page > $0 } ?? false
            isAtEnd = rows == 0 || fresh == 0 || isLast || metadata["hasMore"]?.bool == false
            return
        }
        let next = metadata["nextCursor"]
        let number = next?.int.map { String($0) } ?? next?.double.map { _ in next?.text() ?? "" }
        guard let text = next?.string ?? number, !text.isEmpty, cursors.insert(text).inserted else {
            isAtEnd = true
            return
        }
        cursor = text
    }

    private static func identity(_ item: JSONValue) -> String {
        if let id = item["id"]?.int { return String(id) }
        return item["name"]?.string ?? item["username"]?.string ?? item.text()
    }
}
