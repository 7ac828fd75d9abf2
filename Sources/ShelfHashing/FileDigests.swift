internal import ShelfBase

/// The digests of one file's bytes. Nil: not asked for, or the rule gives none for such a file.
public struct FileDigests: Sendable, Equatable {
    /// Bytes digested.
    public var size: Int64 = 0
    public var sha256: [UInt8]?
    /// SHA-256 of the tensor data; only of safetensors files.
    public var tensorSHA256: [UInt8]?
    /// Civitai's AutoV3 before it is cut to 12 digits; none under 8 bytes.
    public var afterHeaderSHA256: [UInt8]?
    /// SHA-256 of the 64 KiB window at 1 MiB, of which A1111 shows 8 digits.
    public var legacyWindowSHA256: [UInt8]?
    public var blake3: [UInt8]?
    public var crc32: UInt32?
    public var gitSHA1: [UInt8]?
    /// The same for the same tensors in another order or under another header; only of safetensors files.
    public var canonical: [UInt8]?

    public init() {}

    /// Civitai computes no AutoV1 for files shorter than this, although the window would fit.
    public static let autoV1MinimumSize: Int64 = 0x200000

    /// A digest as text: full digests in lower case, Civitai's short forms in upper case.
    public func text(_ algorithm: HashAlgorithm) -> String? {
        switch algorithm {
        case .sha256: sha256.map { Hex.encode($0) }
        case .tensorSHA256: tensorSHA256.map { Hex.encode($0) }
        case .autoV1:
            size >= Self.autoV1MinimumSize
                ? legacyWindowSHA256.map { Hex.encode($0.prefix(4), uppercase: true) } : nil
        case .autoV2: sha256.map { Hex.encode($0.prefix(5), uppercase: true) }
        case .autoV3: afterHeaderSHA256.map { Hex.encode($0.prefix(6), uppercase: true) }
        case .blake3: blake3.map { Hex.encode($0) }
        case .crc32: crc32.map { Hex.encode(Self.bytes($0)) }
        case .crc32Civitai: crc32.map { Hex.encode(Self.bytes($0).reversed(), uppercase: true) }
        case .gitSHA1: gitSHA1.map { Hex.encode($0) }
        case .invokeAI: blake3.map { "blake3:" + Hex.encode($0) }
        case .canonical: canonical.map { Hex.encode($0) }
        case .a1111Legacy: legacyWindowSHA256.map { Hex.encode($0.prefix(4)) }
        }
    }

    private static func bytes(_ value: UInt32) -> [UInt8] {
        [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> $0) }
    }
}

/// Digests that say nothing about a file, because broken tools and empty inputs produce them: never used to identify.
public enum BogusDigest {
    /// SHA-256 and BLAKE3 of nothing.
    private static let prefixes = ["e3b0c44298fc1c149afb", "af1349b9f5f9a1a6a040"]

    /// Whether a digest, in full or cut to at least 8 digits, is one of them or all zeros.
    public static func contains(_ digest: String) -> Bool {
        let text = digest.lowercased()
        guard text.utf8.count >= 8 else { return true }
        return text.utf8.allSatisfy { $0 == UInt8(ascii: "0") }
            || prefixes.contains { $0.hasPrefix(text.prefix(20)) }
    }
}
