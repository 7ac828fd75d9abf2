/// Why a text is not JSON, and where.
public struct JSONError: Error, Sendable, Equatable {
    public enum Reason: String, Sendable {
        case unexpectedEnd = "the text ends too early"
        case unexpectedByte = "unexpected character"
        case invalidNumber = "not a number"
        case invalidEscape = "invalid escape in a string"
        case loneSurrogate = "half of a surrogate pair in a string"
        case invalidUTF8 = "not UTF-8"
        case controlCharacter = "unescaped control character in a string"
        case tooDeep = "nested too deeply"
        case tooLong = "a string is too long"
        case trailingCharacters = "characters after the end"
        case duplicateKey = "a key stands twice"
        case wrongType = "a value of another type than expected"
        case overflow = "a number is too large"
    }

    public let reason: Reason
    /// Bytes from the start of the text.
    public let offset: Int

    public init(_ reason: Reason, at offset: Int) {
        self.reason = reason
        self.offset = offset
    }
}

/// Reads JSON (RFC 8259) from bytes, one item at a time, so that a header of a hundred megabytes is walked without
/// building a tree. Strict: no byte order mark, no trailing text, no lone surrogates, no unescaped control characters.
public struct JSONCursor {
    public static let defaultDepth = 64

    private let bytes: UnsafeBufferPointer<UInt8>
    public private(set) var offset: Int
    private let maximumDepth: Int

    /// The bytes must outlive the cursor.
    public init(_ bytes: UnsafeBufferPointer<UInt8>, maximumDepth: Int = JSONCursor.defaultDepth) {
        self.bytes = bytes
        self.maximumDepth = maximumDepth
        offset = 0
    }

    public var isAtEnd: Bool { offset >= bytes.count }

    /// The next byte that is not white space, without taking it.
    public mutating func peek() throws(JSONError) -> UInt8 {
        skipWhitespace()
        guard offset < bytes.count else { throw JSONError(.unexpectedEnd, at: offset) }
        return bytes[offset]
    }

    public mutating func skipWhitespace() {
        while offset < bytes.count {
            switch bytes[offset] {
            case 0x20, 0x09, 0x0a, 0x0d: offset += 1
            default: return
            }
        }
    }

    /// Moves on over bytes that the caller has read itself; never past the end.
    public mutating func advance(by count: Int) {
        offset += max(0, min(count, bytes.count - offset))
    }

    public mutating func expectEnd() throws(JSONError) {
        skipWhitespace()
        guard isAtEnd else { throw JSONError(.trailingCharacters, at: offset) }
    }

    public mutating func expect(_ byte: UInt8) throws(JSONError) {
        guard try peek() == byte else { throw JSONError(.unexpectedByte, at: offset) }
        offset += 1
    }

    /// Walks the members of an object: `member` gets each key and must take its value from the cursor.
    public mutating func readObject(
        _ member: (_ key: [UInt8], _ cursor: inout JSONCursor) throws(JSONError) -> Void
    ) throws(JSONError) {
        try expect(UInt8(ascii: "{"))
        if try peek() == UInt8(ascii: "}") {
            offset += 1
            return
        }
        while true {
            let key = try readStringBytes()
            try expect(UInt8(ascii: ":"))
            try member(key, &self)
            if try endsSequence(UInt8(ascii: "}")) { return }
        }
    }

    /// Walks the items of an array: `item` must take each from the cursor.
    public mutating func readArray(_ item: (inout JSONCursor) throws(JSONError) -> Void) throws(JSONError) {
        try expect(UInt8(ascii: "["))
        if try peek() == UInt8(ascii: "]") {
            offset += 1
            return
        }
        while true {
            try item(&self)
            if try endsSequence(UInt8(ascii: "]")) { return }
        }
    }

    private mutating func endsSequence(_ close: UInt8) throws(JSONError) -> Bool {
        let byte = try peek()
        guard byte == close || byte == UInt8(ascii: ",") else { throw JSONError(.unexpectedByte, at: offset) }
        offset += 1
        return byte == close
    }

    /// The UTF-8 bytes of a string, escapes resolved.
    public mutating func readStringBytes(maximum: Int = .max) throws(JSONError) -> [UInt8] {
        try expect(UInt8(ascii: "\""))
        let start = offset
        while offset < bytes.count, bytes[offset] != UInt8(ascii: "\""), bytes[offset] != UInt8(ascii: "\\"),
            bytes[offset] >= 0x20
        {
            offset += 1
        }
        var text = Array(bytes[start..<offset])
        while true {
            guard text.count <= maximum else { throw JSONError(.tooLong, at: start) }
            guard offset < bytes.count else { throw JSONError(.unexpectedEnd, at: offset) }
            let byte = bytes[offset]
            switch byte {
            case UInt8(ascii: "\""):
                offset += 1
                guard text.allSatisfy({ $0 < 0x80 }) || UTF8Check.isValid(text) else {
                    throw JSONError(.invalidUTF8, at: start)
                }
                return text
            case UInt8(ascii: "\\"):
                offset += 1
                try readEscape(into: &text)
            case 0..<0x20:
                throw JSONError(.controlCharacter, at: offset)
            default:
                text.append(byte)
                offset += 1
            }
        }
    }

    private mutating func readEscape(into text: inout [UInt8]) throws(JSONError) {
        guard offset < bytes.count else { throw JSONError(.unexpectedEnd, at: offset) }
        let escape = bytes[offset]
        offset += 1
        switch escape {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(escape)
        case UInt8(ascii: "b"): text.append(0x08)
        case UInt8(ascii: "f"): text.append(0x0c)
        case UInt8(ascii: "n"): text.append(0x0a)
        case UInt8(ascii: "r"): text.append(0x0d)
        case UInt8(ascii: "t"): text.append(0x09)
        case UInt8(ascii: "u"):
            var code = try readFourHexDigits()
            if (0xd800..<0xdc00).contains(code) {
                guard offset + 1 < bytes.count, bytes[offset] == UInt8(ascii: "\\"),
                    bytes[offset + 1] == UInt8(ascii: "u")
                else { throw JSONError(.loneSurrogate, at: offset) }
                offset += 2
                let low = try readFourHexDigits()
                guard (0xdc00..<0xe000).contains(low) else { throw JSONError(.loneSurrogate, at: offset) }
                code = 0x10000 + (code - 0xd800) << 10 + (low - 0xdc00)
            }
            guard let scalar = Unicode.Scalar(code) else { throw JSONError(.loneSurrogate, at: offset) }
            text += Array(String(scalar).utf8)
        default:
            throw JSONError(.invalidEscape, at: offset - 1)
        }
    }

    private mutating func readFourHexDigits() throws(JSONError) -> UInt32 {
        guard offset + 4 <= bytes.count else { throw JSONError(.unexpectedEnd, at: offset) }
        var value: UInt32 = 0
        for index in offset..<offset + 4 {
            guard let digit = Hex.value(bytes[index]) else { throw JSONError(.invalidEscape, at: index) }
            value = value << 4 | UInt32(digit)
        }
        offset += 4
        return value
    }

    /// The text of a number and whether it is whole (no fraction, no exponent).
    public mutating func readNumberText() throws(JSONError) -> (text: String, isWhole: Bool) {
        _ = try peek()
        let start = offset
        if at(UInt8(ascii: "-")) { offset += 1 }
        let digits = skipDigits()
        let leadingZero = digits > 1 && bytes[offset - digits] == UInt8(ascii: "0")
        guard digits > 0, !leadingZero else { throw JSONError(.invalidNumber, at: start) }
        var isWhole = true
        if at(UInt8(ascii: ".")) {
            offset += 1
            isWhole = false
            guard skipDigits() > 0 else { throw JSONError(.invalidNumber, at: start) }
        }
        if at(UInt8(ascii: "e")) || at(UInt8(ascii: "E")) {
            offset += 1
            isWhole = false
            if at(UInt8(ascii: "+")) || at(UInt8(ascii: "-")) { offset += 1 }
            guard skipDigits() > 0 else { throw JSONError(.invalidNumber, at: start) }
        }
        return (String(decoding: bytes[start..<offset], as: UTF8.self), isWhole)
    }

    /// A whole number from 0 to 2^64-1, as sizes and offsets are.
    public mutating func readUnsigned() throws(JSONError) -> UInt64 {
        let start = offset
        guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(try peek()) else {
            throw JSONError(.wrongType, at: start)
        }
        let (text, isWhole) = try readNumberText()
        guard isWhole else { throw JSONError(.wrongType, at: start) }
        guard let value = UInt64(text) else { throw JSONError(.overflow, at: start) }
        return value
    }

    public mutating func readLiteral(_ literal: StaticString) throws(JSONError) {
        let wanted = UnsafeBufferPointer(start: literal.utf8Start, count: literal.utf8CodeUnitCount)
        _ = try peek()
        guard bytes.count - offset >= wanted.count,
            UnsafeBufferPointer(rebasing: bytes[offset..<offset + wanted.count]).elementsEqual(wanted)
        else { throw JSONError(.unexpectedByte, at: offset) }
        offset += wanted.count
    }

    /// Passes over one value of any type, checking that it is JSON.
    public mutating func skipValue(depth: Int = 0) throws(JSONError) {
        guard depth <= maximumDepth else { throw JSONError(.tooDeep, at: offset) }
        switch try peek() {
        case UInt8(ascii: "{"):
            try readObject { (_, cursor) throws(JSONError) in try cursor.skipValue(depth: depth + 1) }
        case UInt8(ascii: "["):
            try readArray { (cursor) throws(JSONError) in try cursor.skipValue(depth: depth + 1) }
        case UInt8(ascii: "\""): _ = try readStringBytes()
        case UInt8(ascii: "t"): try readLiteral("true")
        case UInt8(ascii: "f"): try readLiteral("false")
        case UInt8(ascii: "n"): try readLiteral("null")
        default:
            let start = offset
            guard Double(try readNumberText().text)?.isFinite == true else { throw JSONError(.overflow, at: start) }
        }
    }

    /// One value of any type as a tree. A repeated key keeps its last value, as every common reader does.
    public mutating func readValue(depth: Int = 0) throws(JSONError) -> JSONValue {
        guard depth <= maximumDepth else { throw JSONError(.tooDeep, at: offset) }
        switch try peek() {
        case UInt8(ascii: "{"):
            var members = JSONObjectBuilder()
            try readObject { (key, cursor) throws(JSONError) in
                members.set(String(decoding: key, as: UTF8.self), try cursor.readValue(depth: depth + 1))
            }
            return .object(members.object)
        case UInt8(ascii: "["):
            var items: [JSONValue] = []
            try readArray { (cursor) throws(JSONError) in items.append(try cursor.readValue(depth: depth + 1)) }
            return .array(items)
        case UInt8(ascii: "\""): return .string(String(decoding: try readStringBytes(), as: UTF8.self))
        case UInt8(ascii: "t"):
            try readLiteral("true")
            return .bool(true)
        case UInt8(ascii: "f"):
            try readLiteral("false")
            return .bool(false)
        case UInt8(ascii: "n"):
            try readLiteral("null")
            return .null
        default:
            let start = offset
            let (text, isWhole) = try readNumberText()
            if isWhole, let value = Int64(text) { return .int(value) }
            guard let value = Double(text), value.isFinite else { throw JSONError(.overflow, at: start) }
            return .double(value)
        }
    }

    private func at(_ byte: UInt8) -> Bool { offset < bytes.count && bytes[offset] == byte }

    private mutating func skipDigits() -> Int {
        let start = offset
        while offset < bytes.count, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(bytes[offset]) { offset += 1 }
        return offset - start
    }
}

/// Builds an object whose keys may repeat, in time that grows with its size and not with its square.
private struct JSONObjectBuilder {
    private(set) var object = JSONObject()
    private var seen: Set<[UInt8]> = []

    mutating func set(_ key: String, _ value: JSONValue) {
        if seen.insert(Array(key.utf8)).inserted { object.append(key, value) } else { object[key] = value }
    }
}

/// UTF-8 validation without building a string.
public enum UTF8Check {
    public static func isValid(_ bytes: [UInt8]) -> Bool { String(validating: bytes, as: UTF8.self) != nil }
}
