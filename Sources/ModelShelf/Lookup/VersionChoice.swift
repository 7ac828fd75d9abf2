internal import ShelfBase
internal import ShelfCivitai

/// Chooses among the versions that hold the same file: people upload a file more than once.
enum VersionChoice {
    struct Candidate {
        let model: CivitaiModel?
        let version: CivitaiVersion
    }

    /// The one that names the digest among its files, then the one published first, then the lowest id: the same that
    /// the service itself names when it is asked for one.
    static func best(_ candidates: [Candidate], hash: String) -> Candidate? {
        candidates.min { left, right in
            rank(left, hash).lexicographicallyPrecedes(rank(right, hash))
        }
    }

    private static func rank(_ candidate: Candidate, _ hash: String) -> [Int64] {
        let version = candidate.version
        return [version.file(hash: hash) == nil ? 1 : 0, version.publishedAt ?? .max, version.id]
    }
}
