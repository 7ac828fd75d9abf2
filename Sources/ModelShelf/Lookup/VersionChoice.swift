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
            let order = [
                (left.version.file(hash: hash) == nil ? 1 : 0, right.version.file(hash: hash) == nil ? 1 : 0),
                (left.version.publishedAt ?? .max, right.version.publishedAt ?? .max),
                (left.version.id, right.version.id),
            ]
            for (first, second) in order where first != second { return first < second }
            return false
        }
    }
}
