internal import ShelfBase

/// The file name in a `Content-Disposition` (RFC 6266), as servers really write it.
enum ContentDisposition {
    /// `filename*` comes first, then `filename`; nil without either. The name is foreign: see ``SafeFileName``.
    static func name(_ header: String?) -> String? {
        guard let header, header.utf8.count <= 4096 else { return nil }
        var plain: String?
        var extended: String?
        for part in parts(header).dropFirst() {
            let name = part.prefix { $0 != "=" }
            let value = String(part.dropFirst(name.count + 1))
            switch name.filter({ !$0.isWhitespace }).lowercased() {
            case "filename": plain = plain ?? unquoted(value)
            case "filename*": extended = extended ?? decoded(value)
            default: break
            }
        }
        return [extended, plain].lazy.compactMap { $0 }.first { !$0.isEmpty }
    }

    /// The name that a signed storage address promises to answer with.
    static func name(inQueryOf url: HTTPURL) -> String? {
        let query = url.target.drop { $0 != "?" }.dropFirst()
        for item in query.split(separator: "&") {
            let key = item.prefix { $0 != "=" }.lowercased()
            guard ["response-content-disposition", "b2contentdisposition", "rscd"].contains(key) else { continue }
            let value = item.dropFirst(key.count + 1)
            if let name = name(PercentText.decoded(value, plusIsBlank: true)) { return name }
        }
        return nil
    }

    /// Splits at semicolons outside of quotes.
    private static func parts(_ text: String) -> [String] {
        var parts = [""]
        var isQuoted = false
        var isEscaped = false
        for character in text {
            if character == ";", !isQuoted {
                parts.append("")
                continue
            }
            if character == "\"", !isEscaped { isQuoted.toggle() }
            isEscaped = character == "\\" && isQuoted && !isEscaped
            parts[parts.count - 1].append(character)
        }
        return parts
    }

    private static func unquoted(_ text: String) -> String {
        let value = text.drop { $0.isWhitespace }
        guard value.hasPrefix("\"") else { return String(value) }
        var result = ""
        var isEscaped = false
        for character in value.dropFirst() {
            if isEscaped || (character != "\\" && character != "\"") {
                // `C:\x` is written without escapes by many: a backslash before a letter is one.
                if isEscaped, character != "\\", character != "\"" { result.append("\\") }
                result.append(character)
                isEscaped = false
            } else if character == "\\" {
                isEscaped = true
            } else {
                break
            }
        }
        return result
    }

    /// `UTF-8''na%C3%AFve.safetensors`, which some put into quotes.
    private static func decoded(_ text: String) -> String? {
        let parts = unquoted(text).split(separator: "'", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3 else { return nil }
        guard parts[0].filter({ !$0.isWhitespace }).lowercased() == "iso-8859-1" else {
            return PercentText.decoded(parts[2])
        }
        // The other character set that RFC 5987 asks for: its bytes are the first scalars of Unicode.
        var scalars = String.UnicodeScalarView()
        for byte in PercentText.bytes(parts[2]) { scalars.append(Unicode.Scalar(byte)) }
        return String(scalars)
    }
}
