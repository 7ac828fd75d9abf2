internal import ShelfBase
internal import ShelfCivitai
internal import ShelfHashing
internal import ShelfStore

extension Shelf {
    /// Refuses to ask about a digest that is one of a file below a private root, however it was pasted.
    func keepPrivate(_ queries: [String]) throws(ShelfError) {
        let policies = try policies()
        guard policies.hasPrivateRoots else { return }
        for query in queries {
            guard let hash = CivitaiReference.parse(query, base: lookups.client.configuration.base)?.hash,
                !BogusDigest.contains(hash)
            else { continue }
            let isPrivate = try store.read { (connection) throws(ShelfError) -> Bool in
                for content in try connection.contents(digest: hash)
                where try policies.isPrivate(content: content, connection) { return true }
                return false
            }
            guard isPrivate else { continue }
            throw ShelfError(
                .usage, "\(query) is a digest of a model in a folder with lookup = false: it is not asked about",
                hint: "allow it with: modelshelf roots add DIR --lookup, or in config.toml")
        }
    }
}
