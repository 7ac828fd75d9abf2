/// JSON from and to bytes.
extension JSONValue {
    /// Reads one document and nothing after it.
    public static func parse(
        _ bytes: [UInt8], maximumDepth: Int = JSONCursor.defaultDepth
    ) throws(JSONError) -> JSONValue {
        try bytes.withUnsafeBufferPointer { (buffer) throws(JSONError) -> JSONValue in
            var cursor = JSONCursor(buffer, maximumDepth: maximumDepth)
            let value = try cursor.readValue()
            try cursor.expectEnd()
            return value
        }
    }

    public static func parse(_ text: String) throws(JSONError) -> JSONValue { try parse(Array(text.utf8)) }

    /// UTF-8 JSON; `indent` spaces a level, or one line without it. Non-ASCII text is kept as it is.
    public func bytes(indent: Int? = nil) -> [UInt8] {
        var writer = JSONWriter(indent: indent)
        writer.write(self, level: 0)
        return writer.bytes
    }

    public func text(indent: Int? = nil) -> String { String(decoding: bytes(indent: indent), as: UTF8.self) }
}

private struct JSONWriter {
    let indent: Int?
    var bytes: [UInt8] = []

    mutating func write(_ value: JSONValue, level: Int) {
        switch value {
        case .null: bytes += "null".utf8
        case .bool(let flag): bytes += (flag ? "true" : "false").utf8
        case .int(let number): bytes += String(number).utf8
        // JSON has no word for infinity or for what is not a number.
        case .double(let number): bytes += (number.isFinite ? String(number) : "null").utf8
        case .string(let text): writeString(text)
        case .array(let items):
            writeSequence(items, open: "[", close: "]", level: level) { $0.write($1, level: level + 1) }
        case .object(let object):
            writeSequence(object.members, open: "{", close: "}", level: level) {
                $0.writeString($1.key)
                $0.bytes += ($0.indent == nil ? ":" : ": ").utf8
                $0.write($1.value, level: level + 1)
            }
        }
    }

    private mutating func writeSequence<Item>(
        _ items: [Item], open: String, close: String, level: Int, _ write: (inout JSONWriter, Item) -> Void
    ) {
        bytes += open.utf8
        for (index, item) in items.enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            breakLine(level + 1)
            write(&self, item)
        }
        if !items.isEmpty { breakLine(level) }
        bytes += close.utf8
    }

    private mutating func breakLine(_ level: Int) {
        guard let indent else { return }
        bytes.append(0x0a)
        bytes += [UInt8](repeating: 0x20, count: indent * level)
    }

    private mutating func writeString(_ text: String) {
        bytes.append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""): bytes += "\\\"".utf8
            case UInt8(ascii: "\\"): bytes += "\\\\".utf8
            case 0x0a: bytes += "\\n".utf8
            case 0x0d: bytes += "\\r".utf8
            case 0x09: bytes += "\\t".utf8
            case 0x00..<0x20, 0x7f: bytes += "\\u00\(Hex.encode([byte]))".utf8
            default: bytes.append(byte)
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }
}
