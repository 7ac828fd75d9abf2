public import ShelfBase
internal import ShelfCivitai
internal import ShelfIdentify

/// A walk through Civitai's catalogue, page by page. Any thread may call; one at a time goes on.
public final class Catalogue: @unchecked Sendable {
    // Sendable: `walk` is used by the thread that has taken it from `idle`, and by no other until it is put back.
    private let walk: CatalogueWalk
    private let idle = Locked(true)

    /// Kinds of things to walk through.
    public static let kinds = BrowseKind.allCases.map(\.rawValue)

    private init(_ walk: CatalogueWalk) { self.walk = walk }

    /// Without a database. Nil settings come from the environment. Filters may be written as the service, the command
    /// line or Python writes them; those that the service drops or always refuses are refused.
    public static func open(
        _ kind: String, filters: [(name: String, values: [String])], limit: Int?, token: String?, baseURL: String?,
        offline: Bool?
    ) throws(ShelfError) -> Catalogue {
        try Catalogue(kind, filters, limit, try CivitaiLookup.client(token, baseURL, offline))
    }

    convenience init(
        _ kind: String, _ filters: [(name: String, values: [String])], _ limit: Int?, _ client: CivitaiClient
    ) throws(ShelfError) {
        guard let kind = BrowseKind(rawValue: kind.lowercased()) else {
            throw ShelfError(
                .usage, "there is no catalogue of '\(kind)'", hint: "one of: \(Self.kinds.joined(separator: " "))")
        }
        let filters = try filters.map { (filter) throws(ShelfError) -> (name: String, values: [String]) in
            let isType = kind == .models && ["type", "types"].contains(filter.name.lowercased())
            guard isType else { return filter }
            // People write `lora` and `SD`; the service knows one spelling of each.
            let words = filter.values.flatMap { $0.split(separator: ",").map(String.init) }
            return (filter.name, try words.map { (word) throws(ShelfError) in try Shelf.typeName(word) })
        }
        self.init(client.browse(try BrowseQuery(kind, filters: filters, limit: limit)))
    }

    /// Items that come next, as the service gave them; empty at the end and only there.
    public func next(cancellation: Cancellation = Cancellation()) throws(ShelfError) -> [JSONValue] {
        while !idle.withLock({ isIdle in
            defer { isIdle = false }
            return isIdle
        }) {
            try cancellation.check()
            Clock.sleep(milliseconds: 5)
        }
        defer { idle.withLock { $0 = true } }
        return try walk.next(cancellation: cancellation)
    }
}

extension Shelf {
    /// Walks through the catalogue with the shelf's connection and pace.
    public func browse(
        _ kind: String, filters: [(name: String, values: [String])] = [], limit: Int? = nil
    ) throws(ShelfError) -> Catalogue {
        try checkUse()
        return try Catalogue(kind, filters, limit, lookups.client)
    }
}

extension CivitaiLookup {
    /// Whose API key it is, as the service gives it: the one call that tells a wrong key.
    public static func me(
        token: String?, baseURL: String?, offline: Bool?, cancellation: Cancellation = Cancellation()
    ) throws(ShelfError) -> JSONObject {
        try client(token, baseURL, offline).me(cancellation: cancellation).raw.object ?? [:]
    }
}
