internal import ShelfBase

/// Strikes secrets out of texts that people and logs see.
///
/// Civitai takes an API key as the query value `token`, so pasted addresses hold keys; storage links are signed by
/// query values, and whoever has such a link has the file.
public enum Redaction {
    /// Names of query values that are secrets, lower case.
    private static let secretNames: Set<String> = [
        "token", "api_key", "apikey", "key", "auth", "authorization", "password", "secret", "access_token",
        "refresh_token", "signature", "sig",
        "x-amz-signature", "x-amz-credential", "x-amz-security-token",
    ]

    /// The text with `***` in place of the value of every `name=value` whose name is a secret's, of what follows the
    /// word `Bearer`, and of the user and password of an address.
    public static func text(_ text: String) -> String {
        guard text.utf8.contains(where: { "= @%".utf8.contains($0) }) else { return text }
        let bytes = withoutUser(Array(text.utf8))
        var kept: [UInt8] = []
        var name: [UInt8] = []
        var isSecret = false
        var index = 0
        while index < bytes.count {
            let (byte, width) = symbol(bytes, at: index)
            let written = bytes[index..<index + width]
            index += width
            let endsValue = isSeparator(byte)
            if isSecret {
                guard endsValue else { continue }
                isSecret = false
            }
            kept += written
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

    /// The byte at a place and how many it is written with: one address inside of another has its signs as `%3D`.
    private static func symbol(_ bytes: [UInt8], at index: Int) -> (byte: UInt8, width: Int) {
        guard bytes[index] == UInt8(ascii: "%"), index + 2 < bytes.count,
            let byte = Hex.decode(String(decoding: bytes[index + 1..<index + 3], as: UTF8.self))?.first
        else { return (bytes[index], 1) }
        return (byte, 3)
    }

    /// `scheme://user:password@host` with `***` before the `@`.
    private static func withoutUser(_ bytes: [UInt8]) -> [UInt8] {
        var kept: [UInt8] = []
        var rest = bytes[...]
        while let start = rest.indices.first(where: { rest[$0...].starts(with: "://".utf8) }) {
            kept += rest[..<(start + 3)]
            rest = rest[(start + 3)...]
            let end = rest.firstIndex { $0 == UInt8(ascii: "/") || isSeparator($0) } ?? rest.endIndex
            guard let at = rest[..<end].lastIndex(of: UInt8(ascii: "@")) else { continue }
            kept += "***".utf8
            rest = rest[at...]
        }
        return kept + rest
    }

    private static func isWord(_ bytes: [UInt8], _ word: String) -> Bool {
        String(decoding: bytes, as: UTF8.self).lowercased() == word
    }

    private static func isSeparator(_ byte: UInt8) -> Bool {
        byte <= 0x20 || "&?#;,\"'<>()".utf8.contains(byte)
    }
}
