public import ShelfBase

extension CivitaiClient {
    /// Models in one call of `/models`: the service's limit.
    public static let modelsChunk = 100
    /// Pages followed for one call's worth of ids: the service drops rows after counting them, so a page may be short.
    private static let maximumPages = 4

    /// The models with these ids, of every rating and also archived ones, a hundred a call. Those that the service
    /// does not show are missing from the answer, which is sorted by id.
    public func models(ids: [Int64], cancellation: Cancellation? = nil) throws(ShelfError) -> [CivitaiModel] {
        var found: [Int64: CivitaiModel] = [:]
        var failure: ShelfError?
        try models(ids: ids, cancellation: cancellation) { _, result in
            switch result {
            case .success(let models): for model in models { found[model.id] = model }
            case .failure(let error): failure = failure ?? error
            }
        }
        if let failure { throw failure }
        return found.values.sorted { $0.id < $1.id }
    }

    /// ``models(ids:cancellation:)`` with each call's models as they arrive, and the ids that the call was for; a
    /// failure of one call does not end the others. `onPage` runs on this thread.
    public func models(
        ids: [Int64], cancellation: Cancellation? = nil,
        onPage: (_ asked: [Int64], Result<[CivitaiModel], ShelfError>) -> Void
    ) throws(ShelfError) {
        let distinct = Set(ids.filter { $0 > 0 }).sorted()
        var round = stride(from: 0, to: distinct.count, by: Self.modelsChunk).map {
            ModelsPage(ids: Array(distinct[$0..<min($0 + Self.modelsChunk, distinct.count)]))
        }
        while !round.isEmpty {
            let pages = round
            round = []
            try sender.send(pages.map(request), cancellation: cancellation) { index, result in
                var page = pages[index]
                do throws(ShelfError) {
                    if let next = try page.take(decodePage(result)), page.count < Self.maximumPages {
                        page.cursor = next
                        round.append(page)
                    } else {
                        onPage(page.ids, .success(page.models))
                    }
                } catch {
                    onPage(page.ids, .failure(error))
                }
            }
        }
    }

    /// One model; nil when the service does not show it.
    public func model(_ id: Int64, cancellation: Cancellation? = nil) throws(ShelfError) -> CivitaiModel? {
        try ask(request(.get, "/models/\(id)"), cancellation) { CivitaiModel($0) }
    }

    /// One version; nil when the service does not show it. It hides versions without a rating here, though it finds
    /// them by digest.
    public func version(_ id: Int64, cancellation: Cancellation? = nil) throws(ShelfError) -> CivitaiVersion? {
        try ask(request(.get, "/model-versions/\(id)"), cancellation) { CivitaiVersion($0) }
    }

    /// Whose the API key is: the one call that tells a wrong key, which is treated as none elsewhere.
    public func me(cancellation: Cancellation? = nil) throws(ShelfError) -> CivitaiAccount {
        guard let account = try ask(request(.get, "/me"), cancellation, { CivitaiAccount($0) }) else {
            throw ShelfError(
                .badResponse, "\(configuration.base.origin.host) does not tell whose key it is",
                hint: "check CIVITAI_BASE_URL")
        }
        return account
    }

    private func request(_ page: ModelsPage) -> HTTPRequest {
        var query = [
            ("ids", page.ids.map(String.init).joined(separator: ",")), ("nsfw", "true"), ("archived", "true"),
            ("limit", String(Self.modelsChunk)),
        ]
        if let cursor = page.cursor { query.append(("cursor", cursor)) }
        return request(.get, "/models", query: query)
    }

    private func decodePage(_ result: Result<RequestSender.Answer, ShelfError>) throws(ShelfError) -> JSONValue {
        let answer = try result.get()
        guard answer.status != 404, answer.json["items"]?.array != nil else { throw unexpected(answer) }
        return answer.json
    }
}

/// The pages of one call's worth of ids, as far as they are read.
private struct ModelsPage {
    let ids: [Int64]
    var cursor: String?
    private(set) var models: [CivitaiModel] = []
    private(set) var count = 0

    init(ids: [Int64]) { self.ids = ids }

    /// Takes a page; returns the cursor of the next one if it is needed.
    mutating func take(_ json: JSONValue) throws(ShelfError) -> String? {
        let asked = Set(ids)
        let known = Set(models.map(\.id))
        let fresh = (json["items"]?.array ?? []).compactMap { CivitaiModel($0) }
        models += fresh.filter { asked.contains($0.id) && !known.contains($0.id) }
        count += 1
        let next = json["metadata"]?["nextCursor"]
        guard models.count < ids.count, let text = next?.string ?? next?.int.map({ String($0) }), text != cursor
        else { return nil }
        return text
    }
}
