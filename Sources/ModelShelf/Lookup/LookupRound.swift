internal import ShelfBase
internal import ShelfCivitai
internal import ShelfHashing
internal import ShelfStore

/// One round of questions about contents that this process has claimed.
///
/// All SHA-256 in one call (10,000 at most), details of the hits a hundred models a call, hits that those lack by their
/// digest, and what is left by AutoV3, one request for each safetensors file. What could not be asked is given back.
final class LookupRound {
    private let store: Store
    private let client: CivitaiClient
    private let cancellation: Cancellation
    private var failure: ShelfError?
    private var open: [Int64: LookupWork] = [:]
    private var total = 0
    private var progress: (Int) -> Bool = { _ in true }

    init(store: Store, client: CivitaiClient, cancellation: Cancellation) {
        self.store = store
        self.client = client
        self.cancellation = cancellation
    }

    /// Gives the first reason why something could not be asked, nil when everything was answered.
    func run(_ work: [LookupWork], progress: @escaping (Int) -> Bool) throws(ShelfError) -> ShelfError? {
        self.progress = progress
        total = work.count
        for item in work { open[item.content] = item }
        do throws(ShelfError) {
            let unpinned = work.filter { !$0.isPinned }
            for start in stride(from: 0, to: unpinned.count, by: CivitaiClient.identifyChunk) {
                try ask(Array(unpinned[start..<min(start + CivitaiClient.identifyChunk, unpinned.count)]))
            }
            try refreshPinned(work.filter(\.isPinned))
        } catch  where error.code != .cancelled && error.code != .storeError && error.code != .storeBusy {
            failure = failure ?? error
        } catch {
            try giveBack()
            throw error
        }
        try giveBack()
        return failure
    }

    private func giveBack() throws(ShelfError) {
        guard !open.isEmpty else { return }
        let problem = failure?.message
        try store.write { (connection) throws(ShelfError) in
            for content in self.open.keys { try connection.releaseLookup(content: content, problem: problem) }
        }
    }

    private func ask(_ chunk: [LookupWork]) throws(ShelfError) {
        var workOfHash: [String: [LookupWork]] = [:]
        for item in chunk { workOfHash[Hex.encode(item.sha256), default: []].append(item) }
        let matches = try client.identify(sha256s: Array(workOfHash.keys), cancellation: cancellation)
        let matchesOfHash = Dictionary(grouping: matches, by: \.hash)
        try detail(matchesOfHash, workOfHash)
        let misses = chunk.filter { matchesOfHash[Hex.encode($0.sha256)] == nil }
        try askByTensors(misses)
    }

    /// Fetches what is known of the matches and writes each down as soon as all its candidates are there.
    private func detail(
        _ matches: [String: [HashMatch]], _ workOfHash: [String: [LookupWork]]
    ) throws(ShelfError) {
        var models: [Int64: CivitaiModel] = [:]
        var waiting = matches
        let ids = matches.values.flatMap { $0 }.compactMap(\.modelID)
        var unanswered: Set<Int64> = []
        var broken: ShelfError?
        try client.models(ids: ids, cancellation: cancellation) { asked, result in
            switch result {
            case .success(let page): for model in page { models[model.id] = model }
            case .failure(let error):
                failure = failure ?? error
                unanswered.formUnion(asked)
            }
            do throws(ShelfError) {
                try settle(asked: Set(asked), &waiting, workOfHash, models, unanswered)
            } catch {
                broken = broken ?? error
                cancellation.cancel()
            }
        }
        if let broken { throw broken }
        // What the list of models does not show (a version that is not listed, an answer without a model id) is asked
        // for by digest; what could not be asked stays open.
        let unlisted = waiting.filter { !$0.value.contains { $0.modelID.map(unanswered.contains) ?? false } }
        guard !unlisted.isEmpty else { return }
        let versions = try client.versions(sha256s: Array(unlisted.keys), cancellation: cancellation)
        try write { (connection) throws(ShelfError) in
            for hash in unlisted.keys.sorted() {
                var candidates = versions.filter { $0.file(hash: hash) != nil }.map {
                    VersionChoice.Candidate(model: $0.modelID.flatMap { models[$0] }, version: $0)
                }
                // Neither route shows the version, but the service has named it: that much is known.
                if candidates.isEmpty { candidates = (unlisted[hash] ?? []).compactMap { Self.bare($0, models) } }
                guard let best = VersionChoice.best(candidates, hash: hash) else { continue }
                for item in workOfHash[hash] ?? [] { try self.found(item, best, by: "sha256", hash, connection) }
            }
        }
    }

    /// A match of which only the ids are known.
    private static func bare(_ match: HashMatch, _ models: [Int64: CivitaiModel]) -> VersionChoice.Candidate? {
        let json: JSONObject = ["id": .int(match.versionID), "modelId": .optional(match.modelID)]
        return CivitaiVersion(.object(json)).map {
            VersionChoice.Candidate(model: match.modelID.flatMap { models[$0] }, version: $0)
        }
    }

    /// Writes down the matches all of whose models have been asked for by now.
    private func settle(
        asked: Set<Int64>, _ waiting: inout [String: [HashMatch]], _ workOfHash: [String: [LookupWork]],
        _ models: [Int64: CivitaiModel], _ unanswered: Set<Int64>
    ) throws(ShelfError) {
        var settled: [(String, VersionChoice.Candidate)] = []
        for (hash, matches) in waiting where matches.contains(where: { $0.modelID.map(asked.contains) ?? false }) {
            let candidates = matches.compactMap { match -> VersionChoice.Candidate? in
                guard let model = match.modelID.flatMap({ models[$0] }), let version = model.version(match.versionID)
                else { return nil }
                return VersionChoice.Candidate(model: model, version: version)
            }
            // A choice among some of the candidates could be another one once the rest is known.
            guard candidates.count == matches.count, let best = VersionChoice.best(candidates, hash: hash) else {
                continue
            }
            settled.append((hash, best))
        }
        guard !settled.isEmpty else { return }
        for (hash, _) in settled { waiting[hash] = nil }
        try write { (connection) throws(ShelfError) in
            for (hash, best) in settled {
                for item in workOfHash[hash] ?? [] { try self.found(item, best, by: "sha256", hash, connection) }
            }
        }
    }

    /// The leftovers: a file whose metadata was edited has another SHA-256 but the same tensors.
    private func askByTensors(_ misses: [LookupWork]) throws(ShelfError) {
        var workOfHash: [String: [LookupWork]] = [:]
        var without: [LookupWork] = []
        // One whose tensors have no digest yet stays pending: after the next scan there is more to ask by.
        for item in misses where item.format != "safetensors" || item.afterHeaderSHA256 != nil {
            let digest = item.afterHeaderSHA256.map { Hex.encode($0.prefix(6), uppercase: true) }
            if item.format == "safetensors", let digest, !BogusDigest.contains(digest) {
                workOfHash[digest, default: []].append(item)
            } else {
                without.append(item)
            }
        }
        try write { (connection) throws(ShelfError) in
            for item in without { try self.notFound(item, connection) }
        }
        let hashes = workOfHash.keys.sorted()
        guard !hashes.isEmpty else { return }
        var answers: [(String, CivitaiVersion?)] = []
        var hits: [(String, CivitaiVersion)] = []
        var broken: ShelfError?
        func flush() throws(ShelfError) {
            let batch = answers
            answers = []
            try write { (connection) throws(ShelfError) in
                for (hash, _) in batch { for item in workOfHash[hash] ?? [] { try self.notFound(item, connection) } }
            }
        }
        try client.versions(hashes: hashes, cancellation: cancellation) { index, answer in
            switch answer {
            case .found(let version): hits.append((hashes[index], version))
            case .notFound: answers.append((hashes[index], nil))
            case .failed(let error): failure = failure ?? error
            }
            guard answers.count >= 64 else { return }
            do throws(ShelfError) { try flush() } catch {
                broken = broken ?? error
                cancellation.cancel()
            }
        }
        if let broken { throw broken }
        try flush()
        try detailByTensors(hits, workOfHash)
    }

    private func detailByTensors(
        _ hits: [(String, CivitaiVersion)], _ workOfHash: [String: [LookupWork]]
    ) throws(ShelfError) {
        guard !hits.isEmpty else { return }
        let models = try client.models(ids: hits.compactMap(\.1.modelID), cancellation: cancellation)
        let modelOfID = Dictionary(models.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        try write { (connection) throws(ShelfError) in
            for (hash, version) in hits {
                let model = version.modelID.flatMap { modelOfID[$0] }
                let candidate = VersionChoice.Candidate(model: model, version: model?.version(version.id) ?? version)
                for item in workOfHash[hash] ?? [] { try self.found(item, candidate, by: "autov3", hash, connection) }
            }
        }
    }

    /// A version that the user chose stays chosen; only what is known of it is brought up to date.
    private func refreshPinned(_ pinned: [LookupWork]) throws(ShelfError) {
        guard !pinned.isEmpty else { return }
        let models = try client.models(ids: pinned.compactMap(\.model), cancellation: cancellation)
        try write { (connection) throws(ShelfError) in
            for item in pinned {
                guard let model = models.first(where: { $0.id == item.model }),
                    let version = item.version.flatMap({ model.version($0) })
                else { continue }
                self.open[item.content] = nil
                try RemoteWriter.found(
                    content: item.content, VersionChoice.Candidate(model: model, version: version), matchedBy: "user",
                    hash: Hex.encode(item.sha256), isPinned: true, self.client.configuration, connection)
            }
        }
    }

    // MARK: Writing down

    private func write(_ body: (Connection) throws(ShelfError) -> Void) throws(ShelfError) {
        try store.write(body)
        guard progress(total - open.count) else { throw ShelfError(.cancelled, "cancelled") }
    }

    private func found(
        _ item: LookupWork, _ candidate: VersionChoice.Candidate, by digest: String, _ hash: String,
        _ connection: Connection
    ) throws(ShelfError) {
        open[item.content] = nil
        try RemoteWriter.found(
            content: item.content, candidate, matchedBy: digest, hash: hash, isPinned: false, client.configuration,
            connection)
    }

    private func notFound(_ item: LookupWork, _ connection: Connection) throws(ShelfError) {
        open[item.content] = nil
        let now = Clock.wallMilliseconds()
        guard var record = try connection.remote(content: item.content) else { return }
        // What was found once is not unlearned: the record stays, marked as gone.
        let status: RemoteRecord.Status = [.found, .gone].contains(item.earlier) ? .gone : .notFound
        let attempts = item.earlier == status ? item.attempts : 0
        record.status = status
        record.attempts = attempts + 1
        record.checkedAt = now
        record.problem = nil
        try connection.setRemote(
            content: item.content, record, due: LookupSchedule.due(status, attempts: attempts, now: now))
        try ListingMaker.refresh(content: item.content, connection)
    }
}
