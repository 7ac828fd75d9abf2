internal import ShelfBase
internal import ShelfCivitai
internal import ShelfHashing

/// Answers what people paste, in the order they pasted it: SHA-256 by the batch, the rest one by one.
struct LookupQueries {
    let client: CivitaiClient
    let cancellation: Cancellation

    private enum Answer {
        case found(VersionChoice.Candidate, hash: String?, status: CivitaiRecord.Status)
        case notFound
        /// It could not be asked.
        case pending
    }

    func run(_ queries: [String]) throws(ShelfError) -> JSONObject {
        guard !queries.isEmpty else { throw ShelfError(.usage, "nothing to look up") }
        var references: [CivitaiReference] = []
        for query in queries {
            guard let reference = CivitaiReference.parse(query, base: client.configuration.base) else {
                if let page = UnusablePage.words(query) {
                    throw ShelfError(.usage, "\(page.message): \(Self.shown(query))", hint: page.hint)
                }
                if HuggingFaceFile.isAddress(query) {
                    throw ShelfError(
                        .usage, "an address on Hugging Face, and Civitai is asked here: \(Self.shown(query))",
                        hint: "modelshelf download takes it")
                }
                throw ShelfError(
                    .usage, "not a hash, a Civitai URL, an AIR, model:ID or version:ID: \(Self.shown(query))",
                    hint: "a hash is 8, 10, 12 or 64 hexadecimal digits")
            }
            references.append(reference)
        }
        var answers: [Int: Answer] = [:]
        // Digests of nothing name no file, whatever others may have uploaded under them.
        for (index, reference) in references.enumerated() where reference.hash.map(BogusDigest.contains) ?? false {
            answers[index] = .notFound
        }
        answers.merge(try byDigest(references, except: answers)) { first, _ in first }
        var failure: ShelfError?
        for (index, reference) in references.enumerated() where answers[index] == nil {
            do throws(ShelfError) {
                answers[index] = try single(reference)
            } catch {
                // What was answered is not thrown away because the service then went away.
                guard Self.isPassing(error) else { throw error }
                failure = failure ?? error
                answers[index] = .pending
            }
        }
        if let failure, answers.values.allSatisfy({ if case .pending = $0 { true } else { false } }) { throw failure }
        let results = queries.indices.map { result(queries[$0], references[$0], answers[$0]) }
        return ["results": .array(results)]
    }

    /// All full digests in one question; those without an answer are tried once more as other kinds of digest.
    private func byDigest(
        _ references: [CivitaiReference], except known: [Int: Answer]
    ) throws(ShelfError) -> [Int: Answer] {
        let digests = references.indices.filter { known[$0] == nil }.compactMap { references[$0].hash }
            .filter { $0.utf8.count == 64 }
        guard !digests.isEmpty else { return [:] }
        let matches = Dictionary(
            grouping: try client.identify(sha256s: digests, cancellation: cancellation), by: \.hash)
        let models = try client.models(
            ids: matches.values.flatMap { $0 }.compactMap(\.modelID), cancellation: cancellation)
        let unlisted = matches.filter { _, found in !found.contains { candidate($0, models) != nil } }
        let versions =
            unlisted.isEmpty ? [] : try client.versions(sha256s: Array(unlisted.keys), cancellation: cancellation)
        var answers: [Int: Answer] = [:]
        for (index, reference) in references.enumerated() {
            guard let hash = reference.hash, let found = matches[hash] else { continue }
            var candidates = found.compactMap { candidate($0, models) }
            if candidates.isEmpty {
                candidates = versions.filter { $0.file(hash: hash) != nil }.map {
                    VersionChoice.Candidate(model: nil, version: $0)
                }
            }
            if let best = VersionChoice.best(candidates, hash: hash) {
                answers[index] = .found(best, hash: hash, status: .found)
            }
        }
        return answers
    }

    private func candidate(_ match: HashMatch, _ models: [CivitaiModel]) -> VersionChoice.Candidate? {
        guard let model = models.first(where: { $0.id == match.modelID }), let version = model.version(match.versionID)
        else { return nil }
        return VersionChoice.Candidate(model: model, version: version)
    }

    private func single(_ reference: CivitaiReference) throws(ShelfError) -> Answer {
        if let hash = reference.hash {
            guard let version = try client.version(hash: hash, cancellation: cancellation) else { return .notFound }
            // Eight digits are AutoV1 or CRC-32 and collide: such a match is a hint, not an identity.
            return .found(try complete(version), hash: hash, status: hash.utf8.count == 8 ? .ambiguous : .found)
        }
        if let id = reference.versionID {
            if let version = try client.version(id, cancellation: cancellation) {
                return .found(try complete(version), hash: nil, status: .found)
            }
            // An unrated version is not shown by its id; its model shows it.
            guard let modelID = reference.modelID, let model = try model(modelID), let version = model.version(id)
            else { return .notFound }
            return .found(VersionChoice.Candidate(model: model, version: version), hash: nil, status: .found)
        }
        if let id = reference.modelID ?? reference.number {
            if let model = try model(id), let version = model.versions.first {
                return .found(VersionChoice.Candidate(model: model, version: version), hash: nil, status: .found)
            }
            guard let number = reference.number, let version = try client.version(number, cancellation: cancellation)
            else { return .notFound }
            return .found(try complete(version), hash: nil, status: .found)
        }
        guard reference.imageID != nil || reference.postID != nil else {
            throw ShelfError(
                .usage, "the number of a file does not tell its model", hint: "name the model, a version or a hash")
        }
        let ids = try client.versionIDs(image: reference.imageID, post: reference.postID, cancellation: cancellation)
        for id in ids {
            guard let version = try client.version(id, cancellation: cancellation) else { continue }
            // A picture may be made with several: the first is a hint, not an answer.
            return .found(try complete(version), hash: nil, status: ids.count == 1 ? .found : .ambiguous)
        }
        return .notFound
    }

    private func model(_ id: Int64) throws(ShelfError) -> CivitaiModel? {
        if let model = try client.models(ids: [id], cancellation: cancellation).first, !model.versions.isEmpty {
            return model
        }
        return try client.model(id, cancellation: cancellation)
    }

    /// Whether the same question may be answered another time.
    private static func isPassing(_ error: ShelfError) -> Bool {
        [.network, .timeout, .rateLimited, .serverError, .badResponse].contains(error.code)
    }

    /// A version with its model, which tells creator, tags and licence.
    private func complete(_ version: CivitaiVersion) throws(ShelfError) -> VersionChoice.Candidate {
        guard let id = version.modelID else { return VersionChoice.Candidate(model: nil, version: version) }
        let model = try client.models(ids: [id], cancellation: cancellation).first
        return VersionChoice.Candidate(model: model, version: model?.version(version.id) ?? version)
    }

    private func result(_ query: String, _ reference: CivitaiReference, _ answer: Answer?) -> JSONValue {
        guard case .found(let candidate, let hash, let status) = answer else {
            let status: CivitaiRecord.Status = if case .pending = answer { .pending } else { .notFound }
            return .object([
                "query": .string(Self.shown(query)), "status": .string(status.rawValue), "civitai": .null,
            ])
        }
        let files = candidate.version.files + (candidate.model?.version(candidate.version.id)?.files ?? [])
        let file = reference.fileID ?? reference.file?.choose(files)?.id
        let record = CivitaiRecord(
            status: status, model: candidate.model, version: candidate.version, hash: hash, fileID: file,
            checkedAt: Clock.wallMilliseconds())
        return .object([
            "query": .string(Self.shown(query)), "status": .string(status.rawValue),
            "civitai": .object(record.json(pageOrigin: client.configuration.pageOrigin)),
        ])
    }

    /// The query without any token that was pasted with it.
    private static func shown(_ query: String) -> String { Redaction.text(query) }
}
