public import ShelfBase

extension CivitaiClient {
    /// The versions that a picture, or the pictures of a post, were made with, each once, in the order that the service
    /// names them; empty when it shows no such picture or does not know.
    public func versionIDs(
        image: Int64? = nil, post: Int64? = nil, cancellation: Cancellation? = nil
    ) throws(ShelfError) -> [Int64] {
        // Every level, or a picture above the mildest would not be shown; flat, or one route wraps what it was made with.
        var query = [("browsingLevel", "31"), ("withMeta", "true"), ("flatMeta", "true"), ("limit", "100")]
        if let image { query.append(("imageId", String(image))) }
        if let post { query.append(("postId", String(post))) }
        guard image != nil || post != nil else { return [] }
        let items = try ask(request(.get, "/images", query: query), cancellation) { $0["items"]?.array } ?? []
        var ids: [Int64] = []
        for item in items {
            var named = item["modelVersionIds"]?.array?.compactMap(\.int) ?? []
            // Of older pictures only what their maker's program wrote down is known.
            if named.isEmpty {
                named = item["meta"]?["civitaiResources"]?.array?.compactMap { $0["modelVersionId"]?.int } ?? []
            }
            for id in named where id > 0 && !ids.contains(id) { ids.append(id) }
        }
        return ids
    }
}
