/// Strikes secrets out of texts that people and logs see.
///
/// Civitai takes an API key as the query value `token`, so pasted addresses hold keys; storage links are signed by
/// query values, and whoever has such a link has the file.
public enum Redaction {
    /// Names of query values that are secrets, lower case.
    private static let secretNames: Set<String> = [
        "token", "api_key", "apikey", "key", "authorization", "access_token", "refresh_token", "signature", "sig",
        "x-amz-signature", "x-amz-credential", "x-amz-security-token",
    ]

    /// The text with `***` in place of the value of every `name=value` whose name is a secret's, and of what follows
    /// the word `Bearer`.
    public static func text(_ text: String) -> String {
        guard text.utf8.contains(UInt8(ascii: "=")) || text.utf8.contains(UInt8(ascii: " ")) else { return text }
        var kept: [UInt8] = []
        var name: [UInt8] = []
        var isSecret = false
        for byte in text.utf8 {
            let endsValue = isSeparator(byte)
            if isSecret {
                guard endsValue else { continue }
                isSecret = false
            }
            kept.append(byte)
            if byte == UInt8(ascii: "=") || (byte == UInt8(ascii: " ") && isWord(name, "bearer")) {
                isSecret =
                    isWord(name, "bearer") || secretNames.contains(String(decoding: name, as: UTF8.self).lowercased())
                if isSecret { kept += "***".utf8 }
                name = []
            } else if endsValue {
                name = []
            } else {
                name.append(byte)
            }
        }
        return String(decoding: kept, as: UTF8.self)
    }

    private static func isWord(_ bytes: [UInt8], _ word: String) -> Bool {
        String(decoding: bytes, as: UTF8.self).lowercased() == word
    }

    private static func isSeparator(_ byte: UInt8) -> Bool {
        byte <= 0x20 || "&?#;,\"'<>()".utf8.contains(byte)
    }
}
