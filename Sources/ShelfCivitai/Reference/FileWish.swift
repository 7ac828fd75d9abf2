internal import ShelfBase

/// What a download address says about the file that is meant, where it does not give the file's id: the addresses that
/// the site shows for the further files of a version are of this kind.
///
/// What is nil is not asked for. The service puts its own preferences there and then finds that they fit no file; here
/// they fit any.
public struct FileWish: Sendable, Equatable {
    /// A ModelFileType such as `VAE` or `Training Data`.
    public var type: String?
    /// `SafeTensor`, `PickleTensor`, `GGUF` …
    public var format: String?
    /// `full` or `pruned`
    public var size: String?
    /// `fp16`, `bf16` …
    public var precision: String?
    /// `Q4_K_M` …
    public var quantization: String?

    /// The kinds that a plain download is about.
    private static let mainTypes: Set<String> = ["model", "prunedmodel", "diffusionmodel", "unet"]

    public init(
        type: String? = nil, format: String? = nil, size: String? = nil, precision: String? = nil,
        quantization: String? = nil
    ) {
        self.type = type
        self.format = format
        self.size = size
        self.precision = precision
        self.quantization = quantization
    }

    /// The file that fits best; nil when none fits.
    public func choose(_ files: [CivitaiFile]) -> CivitaiFile? {
        var best: (file: CivitaiFile, rank: [Int])?
        for file in files {
            guard let rank = rank(file) else { continue }
            if let leader = best, !leader.rank.lexicographicallyPrecedes(rank) { continue }
            best = (file, rank)
        }
        return best?.file
    }

    /// The wish in the words of the service's download address.
    public var query: [(name: String, value: String)] {
        let all = [
            ("type", type), ("format", format), ("size", size), ("fp", precision), ("quantType", quantization),
        ]
        return all.compactMap { name, value in value.map { (name, $0) } }
    }

    /// Nil when the file is another one. What a file does not tell speaks neither for nor against it.
    private func rank(_ file: CivitaiFile) -> [Int]? {
        let kind = Spelling.plain(file.type ?? "")
        if let type, Spelling.plain(type) != kind { return nil }
        var agreeing = 0
        for (wanted, own) in [
            (format, file.format), (size, file.variant), (precision, file.precision), (quantization, file.quantization),
        ] {
            guard let wanted, let own else { continue }
            guard Spelling.plain(wanted) == Spelling.plain(own) else { return nil }
            agreeing += 1
        }
        return [Self.mainTypes.contains(kind) ? 1 : 0, agreeing, file.isPrimary ? 1 : 0]
    }
}
