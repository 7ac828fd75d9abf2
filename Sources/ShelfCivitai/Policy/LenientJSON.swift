internal import ShelfBase

/// Reads JSON that is sound but for its texts.
///
/// The site cuts names and prompts by UTF-16 units, so half an emoji arrives as a lone `\ud83d`; one such text must
/// not cost the hundred models that came with it. Anything else that is wrong means a damaged answer.
enum LenientJSON {
    /// Nil when the bytes are not one JSON document.
    static func parse(_ bytes: [UInt8]) -> JSONValue? {
        let body = bytes.starts(with: [0xef, 0xbb, 0xbf]) ? Array(bytes.dropFirst(3)) : bytes
        do {
            return try JSONValue.parse(body)
        } catch {
            switch error.reason {
            case .loneSurrogate, .invalidUTF8, .controlCharacter: return try? JSONValue.parse(repaired(body))
            default: return nil
            }
        }
    }

    /// The bytes with U+FFFD in place of lone surrogates and of what is not UTF-8, and with raw control characters
    /// inside texts escaped.
    private static func repaired(_ bytes: [UInt8]) -> [UInt8] {
        let source = Array(String(decoding: bytes, as: UTF8.self).utf8)
        var result: [UInt8] = []
        result.reserveCapacity(source.count)
        var isInText = false
        var index = 0
        while index < source.count {
            let byte = source[index]
            var width = 1
            switch byte {
            case UInt8(ascii: "\""):
                isInText.toggle()
                result.append(byte)
            case UInt8(ascii: "\\") where isInText:
                width = appendEscape(source, at: index, to: &result)
            case 0..<0x20 where isInText:
                result += "\\u00\(Hex.encode([byte]))".utf8
            default:
                result.append(byte)
            }
            index += width
        }
        return result
    }

    /// Copies one escape, or one pair of them; returns how many bytes it stood for.
    private static func appendEscape(_ source: [UInt8], at index: Int, to result: inout [UInt8]) -> Int {
        guard let code = codeUnit(source, at: index) else {
            let end = min(index + 2, source.count)
            result += source[index..<end]
            return end - index
        }
        var width = 6
        switch code {
        case 0xd800..<0xdc00:
            if let low = codeUnit(source, at: index + 6), (0xdc00..<0xe000).contains(low) {
                width = 12
            } else {
                fallthrough
            }
        case 0xdc00..<0xe000:
            result += "\\ufffd".utf8
            return width
        default: break
        }
        result += source[index..<index + width]
        return width
    }

    /// The value of `\uXXXX` at this place, if that is what stands there.
    private static func codeUnit(_ source: [UInt8], at index: Int) -> UInt16? {
        guard index >= 0, index + 6 <= source.count, source[index] == UInt8(ascii: "\\"),
            source[index + 1] == UInt8(ascii: "u"),
            let bytes = Hex.decode(String(decoding: source[index + 2..<index + 6], as: UTF8.self)), bytes.count == 2
        else { return nil }
        return UInt16(bytes[0]) << 8 | UInt16(bytes[1])
    }
}
