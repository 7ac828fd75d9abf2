public import ShelfBase

extension CivitaiClient {
    /// Digests in one call of `by-hash/ids`: the service's limit.
    public static let identifyChunk = 10_000
    /// Digests in one call of `by-hash`: the service's limit.
    public static let versionsChunk = 100

    /// The versions that hold files with these SHA-256 digests, all asked in as few calls as the service allows.
    ///
    /// Digests are taken in any case and repeats are asked once; those that nothing is known of are missing from the
    /// answer. One digest may have several matches, sorted by version. Texts that are no SHA-256 are left out: one of
    /// them would make the service refuse the whole call.
    public func identify(sha256s: [String], cancellation: Cancellation? = nil) throws(ShelfError) -> [HashMatch] {
        let digests = Self.distinctDigests(sha256s)
        let asked = Set(digests)
        var found: Set<HashMatch> = []
        try sendChunks(digests, Self.identifyChunk, "/model-versions/by-hash/ids", cancellation) { items in
            for match in items.compactMap(HashMatch.init) where asked.contains(match.hash) { found.insert(match) }
        }
        return found.sorted { ($0.hash, $0.versionID) < ($1.hash, $1.versionID) }
    }

    /// Whole versions, with their files, that hold files with these SHA-256 digests. Look for the file in each
    /// version's ``CivitaiVersion/file(hash:)``; the same version may answer several digests and comes once.
    public func versions(sha256s: [String], cancellation: Cancellation? = nil) throws(ShelfError) -> [CivitaiVersion] {
        var found: [Int64: CivitaiVersion] = [:]
        let digests = Self.distinctDigests(sha256s)
        try sendChunks(digests, Self.versionsChunk, "/model-versions/by-hash", cancellation) { items in
            for version in items.compactMap({ CivitaiVersion($0) }) where found[version.id] == nil {
                found[version.id] = version
            }
        }
        return found.values.sorted { $0.id < $1.id }
    }

    /// The version that holds a file with this digest of any kind: SHA-256, BLAKE3, AutoV1, AutoV2, AutoV3 (its first
    /// twelve digits), CRC-32. The service names the oldest version if there are several;
    /// nil when it knows none, which its edge may repeat for an hour and a half after an upload.
    public func version(hash: String, cancellation: Cancellation? = nil) throws(ShelfError) -> CivitaiVersion? {
        guard let request = hashRequest(hash) else { throw Self.notADigest(hash) }
        return try ask(request, cancellation) { CivitaiVersion($0) }
    }

    /// ``version(hash:cancellation:)`` for many digests, several requests at once. `onAnswer` gets the index of the
    /// digest and runs on this thread, once for each; a failure of one does not end the others.
    public func versions(
        hashes: [String], cancellation: Cancellation? = nil, onAnswer: (Int, RemoteAnswer<CivitaiVersion>) -> Void
    ) throws(ShelfError) {
        var requests: [HTTPRequest] = []
        var places: [Int] = []
        for (index, hash) in hashes.enumerated() {
            guard let request = hashRequest(hash) else {
                onAnswer(index, .failed(Self.notADigest(hash)))
                continue
            }
            requests.append(request)
            places.append(index)
        }
        try sender.send(requests, cancellation: cancellation) { place, result in
            onAnswer(places[place], interpret(result) { CivitaiVersion($0) })
        }
    }

    private func hashRequest(_ hash: String) -> HTTPRequest? {
        guard Hex.isHex(hash), hash.utf8.count <= 64 else { return nil }
        return request(.get, "/model-versions/by-hash/\(hash.uppercased())")
    }

    private static func notADigest(_ text: String) -> ShelfError {
        ShelfError(.usage, "not a hash: \(text.prefix(80))", hint: "a hash is 8, 10, 12 or 64 hexadecimal digits")
    }

    /// Lower case, each once, in order, SHA-256 only.
    static func distinctDigests(_ texts: [String]) -> [String] {
        var seen: Set<String> = []
        return texts.map { $0.lowercased() }.filter { $0.utf8.count == 64 && Hex.isHex($0) && seen.insert($0).inserted }
    }

    /// Posts the digests in chunks, and hands over the items of each answer.
    private func sendChunks(
        _ digests: [String], _ size: Int, _ path: String, _ cancellation: Cancellation?, _ take: ([JSONValue]) -> Void
    ) throws(ShelfError) {
        let requests = stride(from: 0, to: digests.count, by: size).map { start in
            // Upper case, as the service stores them: it compares in any case, a mirror may not.
            let chunk = digests[start..<min(start + size, digests.count)].map { $0.uppercased() }
            return request(.post, path, body: .strings(chunk))
        }
        var failure: ShelfError?
        try sender.send(requests, cancellation: cancellation) { _, result in
            switch result {
            case .failure(let error): failure = failure ?? error
            case .success(let answer):
                guard answer.status != 404, let items = answer.json.array else {
                    failure = failure ?? unexpected(answer)
                    return
                }
                take(items)
            }
        }
        if let failure { throw failure }
    }
}
