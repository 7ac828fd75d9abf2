internal import ShelfBase

/// Text from files and from the service, made harmless for a terminal.
///
/// Control characters could move the cursor or change the window's title, and the marks that reorder text could make
/// a name read as another one.
enum SafeText {
    /// The text as one line.
    static func line(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: isHarmful) else { return text }
        var safe = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            if isHarmful(scalar) { safe += escape(scalar).unicodeScalars } else { safe.append(scalar) }
        }
        return String(safe)
    }

    /// A path as one line; bytes that are not UTF-8 are shown as `\xHH`.
    static func line(_ path: FilePath) -> String { line(path.escaped) }

    /// The lines of a text that may have several.
    static func lines(_ text: String) -> [String] {
        text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false).map { line(String($0)) }
    }

    /// JSON whose strings are harmless too. Such characters occur in JSON text only inside of strings, so that each
    /// may become its escape without another look.
    static func json(_ object: JSONObject) -> [UInt8] { json(JSONValue.object(object).text(indent: 2)) }

    /// The same as one line.
    static func jsonLine(_ object: JSONObject) -> [UInt8] { json(JSONValue.object(object).text()) }

    private static func json(_ text: String) -> [UInt8] {
        var safe: [UInt8] = []
        for scalar in text.unicodeScalars {
            if scalar == "\n" || !isHarmful(scalar) {
                safe += UTF8.encode(scalar).map { Array($0) } ?? []
            } else {
                for unit in String(scalar).utf16 {
                    safe += "\\u".utf8
                    safe += Hex.encode([UInt8(unit >> 8), UInt8(unit & 255)]).utf8
                }
            }
        }
        safe.append(UInt8(ascii: "\n"))
        return safe
    }

    static func isHarmful(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        // Controls, among them escape and the one-byte forms of its sequences.
        case 0x00...0x1f, 0x7f...0x9f: true
        // Marks that change the direction of text.
        case 0x061c, 0x200e, 0x200f, 0x202a...0x202e, 0x2066...0x206f: true
        // Line ends that are not LF, notes between lines, invisible tags.
        case 0x2028, 0x2029, 0xfff9...0xfffb, 0xe0000...0xe007f: true
        default: false
        }
    }

    private static func escape(_ scalar: Unicode.Scalar) -> String {
        switch scalar {
        case "\n": "\\n"
        case "\t": "\\t"
        case "\r": "\\r"
        default:
            scalar.value < 0x80
                ? "\\x" + Hex.encode([UInt8(scalar.value)]) : "\\u{\(String(scalar.value, radix: 16))}"
        }
    }
}
