public import ShelfBase

extension ExactJSON {
    /// Deeper nesting is no document that a person or a program meant.
    public static let depth = 200

    /// Reads one document and nothing after it. A byte order mark is passed over.
    public static func parse(_ bytes: [UInt8]) throws(JSONError) -> ExactJSON {
        let text = bytes.starts(with: [0xef, 0xbb, 0xbf]) ? Array(bytes.dropFirst(3)) : bytes
        return try text.withUnsafeBufferPointer { (buffer) throws(JSONError) -> ExactJSON in
            var reader = ExactReader(buffer)
            let value = try reader.value(depth: 0)
            try reader.cursor.expectEnd()
            return value
        }
    }
}

/// Walks a document with the cursor that all of modelshelf reads JSON with, and keeps the text of what it would change.
private struct ExactReader {
    private let buffer: UnsafeBufferPointer<UInt8>
    var cursor: JSONCursor

    init(_ buffer: UnsafeBufferPointer<UInt8>) {
        self.buffer = buffer
        cursor = JSONCursor(buffer, maximumDepth: ExactJSON.depth)
    }

    mutating func value(depth: Int) throws(JSONError) -> ExactJSON {
        guard depth <= ExactJSON.depth else { throw JSONError(.tooDeep, at: cursor.offset) }
        switch try cursor.peek() {
        case UInt8(ascii: "{"): return .object(try object(depth))
        case UInt8(ascii: "["): return .array(try array(depth))
        case UInt8(ascii: "\""): return try string()
        case UInt8(ascii: "t"): return try literal("true")
        case UInt8(ascii: "f"): return try literal("false")
        case UInt8(ascii: "n"): return try literal("null")
        case UInt8(ascii: "N"): return try literal("NaN")
        case UInt8(ascii: "I"): return try literal("Infinity")
        case UInt8(ascii: "-") where byte(1) == UInt8(ascii: "I"): return try literal("-Infinity")
        default:
            let start = cursor.offset
            let number = Array(try cursor.readNumberText().text.utf8)
            // Python reads no more digits either.
            guard number.count <= 4000 else { throw JSONError(.overflow, at: start) }
            return .verbatim(number)
        }
    }

    private func byte(_ ahead: Int) -> UInt8? {
        cursor.offset + ahead < buffer.count ? buffer[cursor.offset + ahead] : nil
    }

    private mutating func literal(_ word: StaticString) throws(JSONError) -> ExactJSON {
        try cursor.readLiteral(word)
        return .verbatim(Array(String(describing: word).utf8))
    }

    private mutating func object(_ depth: Int) throws(JSONError) -> ExactObject {
        var members: [ExactObject.Member] = []
        let reader = self
        try cursor.readObject { (key, cursor) throws(JSONError) in
            var inner = reader
            inner.cursor = cursor
            let value = try inner.value(depth: depth + 1)
            cursor = inner.cursor
            members.append(ExactObject.Member(key: key, value: value))
        }
        return ExactObject(reading: members)
    }

    private mutating func array(_ depth: Int) throws(JSONError) -> [ExactJSON] {
        var items: [ExactJSON] = []
        let reader = self
        try cursor.readArray { (cursor) throws(JSONError) in
            var inner = reader
            inner.cursor = cursor
            items.append(try inner.value(depth: depth + 1))
            cursor = inner.cursor
        }
        return items
    }

    private mutating func string() throws(JSONError) -> ExactJSON {
        let start = cursor
        do throws(JSONError) {
            return .string(try cursor.readStringBytes())
        } catch {
            guard error.reason == .loneSurrogate else { throw error }
            cursor = start
            return .verbatim(try rawString())
        }
    }

    /// A string with its quotes and escapes. The cursor stands at the opening quote.
    private mutating func rawString() throws(JSONError) -> [UInt8] {
        let start = cursor.offset
        var end = start + 1
        while end < buffer.count, buffer[end] != UInt8(ascii: "\"") {
            guard buffer[end] >= 0x20 else { throw JSONError(.controlCharacter, at: end) }
            guard buffer[end] == UInt8(ascii: "\\") else {
                end += 1
                continue
            }
            guard end + 1 < buffer.count else { throw JSONError(.unexpectedEnd, at: end) }
            let escape = buffer[end + 1]
            if escape == UInt8(ascii: "u") {
                guard end + 6 <= buffer.count,
                    Hex.isHex(String(decoding: buffer[(end + 2)..<(end + 6)], as: UTF8.self))
                else { throw JSONError(.invalidEscape, at: end) }
                end += 6
            } else {
                guard Array("\"\\/bfnrt".utf8).contains(escape) else { throw JSONError(.invalidEscape, at: end) }
                end += 2
            }
        }
        guard end < buffer.count else { throw JSONError(.unexpectedEnd, at: end) }
        let raw = Array(buffer[start...end])
        guard UTF8Check.isValid(raw) else { throw JSONError(.invalidUTF8, at: start) }
        cursor.advance(by: raw.count)
        return raw
    }
}
