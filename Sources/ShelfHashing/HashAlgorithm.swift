/// The digests that modelshelf can name, in the words of `--algo`.
///
/// Rules and lengths: SHA-256 and git's blob id are as everywhere; the `auto` forms are Civitai's (its scanner's
/// `HashTask`), `a1111_legacy` is what A1111 and kohya call `model_hash`.
public enum HashAlgorithm: String, Sendable, CaseIterable {
    case sha256
    /// SHA-256 of the tensor data of a safetensors file: everything after the header.
    case tensorSHA256 = "tensor_sha256"
    case autoV1 = "autov1"
    case autoV2 = "autov2"
    case autoV3 = "autov3"
    case blake3
    case crc32
    /// CRC-32 in the byte order that Civitai prints.
    case crc32Civitai = "crc32_civitai"
    case gitSHA1 = "git_sha1"
    /// What InvokeAI stores: `blake3:` and the BLAKE3, of a folder the composite of its model files.
    case invokeAI = "invokeai"
    /// The digest of a safetensors file's tensors whatever their order in it, see ``CanonicalDigest``.
    case canonical
    case a1111Legacy = "a1111_legacy"

    /// What `all` stands for.
    public static let usual: [HashAlgorithm] = [
        .sha256, .tensorSHA256, .autoV1, .autoV2, .autoV3, .blake3, .crc32, .crc32Civitai,
    ]

    /// The stream of bytes that has to be digested for it.
    var stream: DigestStreams {
        switch self {
        case .sha256, .autoV2: .whole
        case .tensorSHA256: .tensors
        case .autoV3: .afterHeader
        case .autoV1, .a1111Legacy: .legacyWindow
        case .blake3, .invokeAI: .blake3
        case .canonical: .canonical
        case .crc32, .crc32Civitai: .crc32
        case .gitSHA1: .gitBlob
        }
    }
}

/// The streams that one read can feed. Several digests come from one stream.
public struct DigestStreams: OptionSet, Sendable {
    public let rawValue: Int

    public init(rawValue: Int) { self.rawValue = rawValue }

    /// SHA-256 of every byte.
    public static let whole = DigestStreams(rawValue: 1)
    /// SHA-256 of what follows the header, by the format's own rule.
    public static let tensors = DigestStreams(rawValue: 2)
    /// SHA-256 of what follows the header, by Civitai's rule, which it applies to files of every kind.
    public static let afterHeader = DigestStreams(rawValue: 4)
    /// SHA-256 of the 64 KiB at 1 MiB.
    public static let legacyWindow = DigestStreams(rawValue: 8)
    public static let crc32 = DigestStreams(rawValue: 16)
    public static let gitBlob = DigestStreams(rawValue: 32)
    public static let blake3 = DigestStreams(rawValue: 64)

    /// SHA-256 of each tensor.
    public static let canonical = DigestStreams(rawValue: 128)

    /// What a scan computes.
    public static let scan: DigestStreams = [.whole, .tensors, .afterHeader, .legacyWindow, .crc32, .blake3]

    /// Those that must take the bytes in order; of the others, parts can be computed apart and joined.
    static let sequential: DigestStreams = [.whole, .tensors, .afterHeader, .legacyWindow, .gitBlob, .canonical]
    /// Those that have to know where the tensors lie.
    public static let needingLayout: DigestStreams = [.tensors, .canonical]

    public init(for algorithms: some Sequence<HashAlgorithm>) {
        self = algorithms.reduce(into: []) { $0.formUnion($1.stream) }
    }
}
