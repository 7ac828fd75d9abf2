internal import CCrypto
public import ShelfBase

/// One running digest of libcrypto: SHA-1, and the SHA-256 that our own is tested against. Used by one thread at a time.
public final class MessageDigest {
    public enum Kind: Sendable { case sha256, sha1 }

    private let context: OpaquePointer
    private let algorithm: OpaquePointer

    // Fetched once: looking an algorithm up by name costs more than hashing a small file.
    nonisolated(unsafe) private static let sha256 = EVP_MD_fetch(nil, "SHA256", nil)
    nonisolated(unsafe) private static let sha1 = EVP_MD_fetch(nil, "SHA1", nil)

    public init(_ kind: Kind) throws(ShelfError) {
        guard let algorithm = kind == .sha256 ? Self.sha256 : Self.sha1, let context = EVP_MD_CTX_new() else {
            throw ShelfError(.internalError, "libcrypto offers no such digest")
        }
        self.algorithm = algorithm
        self.context = context
        reset()
    }

    deinit { EVP_MD_CTX_free(context) }

    public func reset() { EVP_DigestInit_ex2(context, algorithm, nil) }

    public func update(_ bytes: UnsafeRawBufferPointer) {
        guard let base = bytes.baseAddress, !bytes.isEmpty else { return }
        EVP_DigestUpdate(context, base, bytes.count)
    }

    public func update(_ bytes: [UInt8]) { bytes.withUnsafeBytes { update($0) } }

    /// The digest of everything since the last ``reset()``. The digest must be reset before it is used again.
    public func finish() -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: 64) { buffer, count in
            var length: UInt32 = 0
            EVP_DigestFinal_ex(context, buffer.baseAddress, &length)
            count = min(Int(length), 64)
        }
    }

    public static func sha256(of bytes: [UInt8]) throws(ShelfError) -> [UInt8] {
        let digest = try MessageDigest(.sha256)
        digest.update(bytes)
        return digest.finish()
    }
}
