internal import ShelfBase

/// Digests that a file names for itself. They are kept as claims: editors forget to renew them, and some trainers
/// write the digest of nothing.
enum ClaimedHashes {
    private static let keys = ["sshs_model_hash", "sshs_legacy_hash", "modelspec.hash_sha256"]

    /// Beginnings of digests of no bytes: SHA-256 and BLAKE3.
    private static let ofNothing = ["e3b0c442", "af1349b9"]

    static func read(_ metadata: MetadataReader, _ evidence: inout [String]) -> JSONObject {
        var claims = JSONObject()
        for key in keys {
            guard var text = metadata.value(key)?.trimmed.lowercased() else { continue }
            if text.hasPrefix("0x") { text = String(text.dropFirst(2)) }
            guard text.utf8.count <= 64, text.utf8.count >= 8, Hex.isHex(text) else { continue }
            if ofNothing.contains(where: text.hasPrefix) || text.utf8.allSatisfy({ $0 == UInt8(ascii: "0") }) {
                evidence.append("\(key) is the digest of nothing and ignored")
                continue
            }
            claims.append(key, .string(text))
        }
        return claims
    }
}
