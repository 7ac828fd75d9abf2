internal import ShelfBase
internal import ShelfHashing
internal import ShelfStore

/// Answers "what is the hash of this file" from memory after one `stat`.
///
/// A digest that was computed never changes while the file's inode, size and times stay: an entry needs no news from
/// other processes. One that a sidecar told may be corrected by anybody, and is asked for again every second.
final class StoredHashes: Sendable {
    private struct Entry {
        let identity: FileIdentity
        let digests: FileDigests
        /// Monotonic nanoseconds; nil for one that stays true.
        let expiry: Int64?

        func isTrue(of identity: FileIdentity) -> Bool {
            guard self.identity.isUntouched(since: identity) else { return false }
            return expiry.map { Clock.monotonicNanoseconds() < $0 } ?? true
        }
    }

    /// Bounded so that a server that runs for months stays small.
    private static let capacity = 100_000

    private let entries = Locked<[FilePath: Entry]>([:])

    func hash(_ path: FilePath, _ algorithm: String, _ store: Store) throws(ShelfError) -> String? {
        guard let algorithm = HashAlgorithm(rawValue: algorithm.lowercased()) else {
            throw ShelfError(
                .usage, "unknown algorithm: \(algorithm)",
                hint: "one of: \(FileTools.algorithms.joined(separator: " "))")
        }
        let absolute = Paths.absolute(path)
        guard case .success(let identity) = FileIdentity.of(absolute) else { return nil }
        if let entry = entries.withLock({ $0[absolute] }), entry.isTrue(of: identity) {
            return entry.digests.text(algorithm)
        }
        guard let entry = try load(absolute, identity, store) else { return nil }
        entries.withLock { entries in
            if entries.count >= Self.capacity { entries.removeAll() }
            entries[absolute] = entry
        }
        return entry.digests.text(algorithm)
    }

    private func load(_ path: FilePath, _ identity: FileIdentity, _ store: Store) throws(ShelfError) -> Entry? {
        try store.read { (connection) throws(ShelfError) in
            guard let file = try FileResolver(connection).file(at: path), file.isUnchanged(identity),
                file.stage == .hashed,
                let content = try connection.content(file.content), content.digests.sha256 != nil
            else { return nil }
            let isClaim = try connection.isAdopted(content: content.id)
            return Entry(
                identity: identity, digests: FileDigests(content),
                expiry: isClaim ? Clock.monotonicNanoseconds() + 1_000_000_000 : nil)
        }
    }
}

extension FileDigests {
    /// The digests of a stored content.
    init(_ content: Content) {
        self.init()
        size = content.size
        sha256 = content.digests.sha256
        tensorSHA256 = content.digests.tensorSHA256
        afterHeaderSHA256 = content.digests.afterHeaderSHA256
        legacyWindowSHA256 = content.digests.legacyWindowSHA256
        blake3 = content.digests.blake3
        crc32 = content.digests.crc32
    }
}
