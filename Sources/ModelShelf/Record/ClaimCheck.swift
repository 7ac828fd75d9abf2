internal import ShelfBase
internal import ShelfHashing

/// Compares what a header says its own hashes are with what they are.
///
/// A claim is never used to identify: editors leave old ones behind, some trainers write the hash of something else.
enum ClaimCheck {
    /// `{name: {"value","matches"}}` for every claim; `matches` is null where the truth is not known, or where the
    /// claim is of a state of the file that is gone (kohya's legacy hash covers a header that was replaced).
    static func document(_ claims: JSONObject, _ digests: FileDigests) -> JSONObject {
        var document = JSONObject()
        for (name, value) in claims.members {
            guard let text = value.string else { continue }
            document.append(name, .object(["value": .string(text), "matches": matches(name, text, digests)]))
        }
        return document
    }

    private static func matches(_ name: String, _ claim: String, _ digests: FileDigests) -> JSONValue {
        guard ["sshs_model_hash", "modelspec.hash_sha256"].contains(name), let truth = digests.tensorSHA256 else {
            return .null
        }
        return .bool(Hex.encode(truth).hasPrefix(claim))
    }
}
