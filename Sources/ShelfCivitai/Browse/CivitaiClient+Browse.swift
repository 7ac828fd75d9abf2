public import ShelfBase

/// Items of the catalogue, page by page as they are asked for. Used by one thread at a time.
public final class CatalogueWalk {
    private let client: CivitaiClient
    private let query: BrowseQuery
    private var walk: BrowseWalk

    init(client: CivitaiClient, query: BrowseQuery) {
        self.client = client
        self.query = query
        walk = BrowseWalk(query)
    }

    /// Items that come next, as the service gave them; empty at the end and only there.
    public func next(cancellation: Cancellation? = nil) throws(ShelfError) -> [JSONValue] {
        while !walk.isAtEnd {
            let request = client.request(.get, "/\(query.kind.rawValue)", query: walk.parameters)
            let answer = try client.sender.send(request, cancellation: cancellation)
            if answer.status == 404 {
                let words = answer.json["message"]?.string ?? answer.json["error"]?.string ?? "nothing there"
                throw ShelfError(
                    .notFound, "Civitai says: \(Redaction.text(String(words.prefix(200))))", hint: "check the name")
            }
            guard answer.json["items"]?.array != nil else { throw client.unexpected(answer) }
            let items = try walk.take(answer.json)
            if !items.isEmpty { return items }
        }
        return []
    }
}

extension CivitaiClient {
    /// Walks through the catalogue; nothing is asked before the first item is wanted.
    public func browse(_ query: BrowseQuery) -> CatalogueWalk { CatalogueWalk(client: self, query: query) }
}
