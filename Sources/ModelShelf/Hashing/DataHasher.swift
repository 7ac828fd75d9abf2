public import ShelfBase
internal import ShelfFormats
internal import ShelfHashing

/// Running hashes of bytes that come piece by piece, like `hashlib` has them but several at once.
///
/// Safe from any thread; calls on one hasher wait for each other.
public final class DataHasher: Sendable {
    /// Names that need more than the bytes so far: git's begins with the length of them all, and the canonical hash
    /// has to know the tensors before their bytes come.
    private static let wholeOnly: Set<HashAlgorithm> = [.gitSHA1, .canonical]

    private struct State: @unchecked Sendable {
        // Sendable: only within the lock.
        var pipeline: DigestPipeline
        /// The safetensors header as far as it has come, if the tensors' digest is wanted: it decides in the end
        /// whether there is one.
        var head: [UInt8] = []
    }

    /// The names in the order they were asked for.
    public let algorithms: [String]
    private let chosen: [HashAlgorithm]
    private let state: Locked<State>

    /// Hashes of nothing yet. `algorithms` as ``FileTools`` takes them, without `git_sha1` and `canonical`.
    public init(_ algorithms: [String]) throws(ShelfError) {
        chosen = try AlgorithmNames.parse(algorithms)
        if let refused = chosen.first(where: Self.wholeOnly.contains) {
            throw ShelfError(
                .usage, "\(refused.rawValue) cannot be computed piece by piece", hint: "hash the file or all its bytes")
        }
        self.algorithms = chosen.map(\.rawValue)
        let pipeline = try DigestPipeline(DigestStreams(for: chosen))
        pipeline.resetFollowingHeader(limit: SafetensorsLimits.headerLength)
        state = Locked(State(pipeline: pipeline))
    }

    private init(copy other: DataHasher) throws(ShelfError) {
        algorithms = other.algorithms
        chosen = other.chosen
        state = Locked(
            try other.state.withLock { (state) throws(ShelfError) in
                State(pipeline: try state.pipeline.copy(), head: state.head)
            })
    }

    /// A second hasher that has seen the same bytes and goes its own way.
    public func copy() throws(ShelfError) -> DataHasher { try DataHasher(copy: self) }

    /// Takes the next bytes.
    public func update(_ bytes: UnsafeRawBufferPointer) {
        let keepsHead = chosen.contains(.tensorSHA256)
        state.withLock { state in
            state.pipeline.update(bytes)
            if keepsHead { Self.keepHead(&state.head, bytes) }
        }
    }

    /// The hash of everything so far; nil when such bytes have none. More may follow.
    public func text(_ algorithm: String) throws(ShelfError) -> String? {
        guard let wanted = HashAlgorithm(rawValue: algorithm.lowercased()), chosen.contains(wanted) else {
            throw ShelfError(
                .usage, "this hasher does not compute \(algorithm)",
                hint: "it computes \(algorithms.joined(separator: " "))")
        }
        return digests().text(wanted)
    }

    /// All of them by name.
    public func hashes() -> JSONObject {
        let digests = digests()
        var hashes = JSONObject()
        for algorithm in chosen { hashes[algorithm.rawValue] = .optional(digests.text(algorithm)) }
        return hashes
    }

    private func digests() -> FileDigests {
        let (found, head) = state.withLock { ($0.pipeline.finish(), $0.head) }
        var digests = found
        if digests.tensorSHA256 != nil,
            HeaderReader.read(head: head, size: digests.size, name: FilePath("")).safetensors == nil
        {
            digests.tensorSHA256 = nil
        }
        return digests
    }

    /// Keeps what `head` lacks of the header: eight bytes, and as many more as they say.
    private static func keepHead(_ head: inout [UInt8], _ bytes: UnsafeRawBufferPointer) {
        let first = bytes.prefix(max(0, 8 - head.count))
        head += first
        guard head.count >= 8 else { return }
        let length = head.prefix(8).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        guard length <= SafetensorsLimits.headerLength else { return }
        head += bytes.dropFirst(first.count).prefix(max(0, 8 + Int(length) - head.count))
    }

    /// Hashes of bytes that are all there, by name.
    public static func hashes(
        of bytes: UnsafeRawBufferPointer, _ algorithms: [String]
    ) throws(ShelfError) -> JSONObject {
        let chosen = try AlgorithmNames.parse(algorithms)
        let streams = DigestStreams(for: chosen)
        let needsLayout = !streams.isDisjoint(with: .needingLayout)
        let layout = needsLayout ? HeaderLayout.read(bytes, spans: chosen.contains(.canonical)) : nil
        let (digests, _) = try FileHasher(streams).hash(bytes, layout: layout)
        var hashes = JSONObject()
        for algorithm in chosen { hashes[algorithm.rawValue] = .optional(digests.text(algorithm)) }
        return hashes
    }
}
