extension ExactJSON {
    /// UTF-8 JSON as Python's `json.dump(…, ensure_ascii=False)` writes it; `indent` spaces a level, or one line.
    public func bytes(indent: Int? = nil) -> [UInt8] {
        var writer = ExactWriter(indent: indent)
        writer.write(self, level: 0)
        return writer.bytes
    }
}

private struct ExactWriter {
    let indent: Int?
    var bytes: [UInt8] = []

    mutating func write(_ value: ExactJSON, level: Int) {
        switch value {
        case .verbatim(let text): bytes += text
        case .string(let text): write(string: text)
        case .array(let items):
            sequence(items, UInt8(ascii: "["), UInt8(ascii: "]"), level) { $0.write($1, level: level + 1) }
        case .object(let object):
            sequence(object.members, UInt8(ascii: "{"), UInt8(ascii: "}"), level) {
                $0.write(string: $1.key)
                $0.bytes.append(UInt8(ascii: ":"))
                if $0.indent != nil { $0.bytes.append(UInt8(ascii: " ")) }
                $0.write($1.value, level: level + 1)
            }
        }
    }

    private mutating func sequence<Item>(
        _ items: [Item], _ open: UInt8, _ close: UInt8, _ level: Int, _ write: (inout ExactWriter, Item) -> Void
    ) {
        bytes.append(open)
        for (index, item) in items.enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            breakLine(level + 1)
            write(&self, item)
        }
        if !items.isEmpty { breakLine(level) }
        bytes.append(close)
    }

    private mutating func breakLine(_ level: Int) {
        guard let indent else { return }
        bytes.append(0x0a)
        bytes += [UInt8](repeating: 0x20, count: indent * level)
    }

    private mutating func write(string text: [UInt8]) {
        bytes.append(UInt8(ascii: "\""))
        for byte in text {
            switch byte {
            case UInt8(ascii: "\""): bytes += "\\\"".utf8
            case UInt8(ascii: "\\"): bytes += "\\\\".utf8
            case 0x08: bytes += "\\b".utf8
            case 0x09: bytes += "\\t".utf8
            case 0x0a: bytes += "\\n".utf8
            case 0x0c: bytes += "\\f".utf8
            case 0x0d: bytes += "\\r".utf8
            case 0x00..<0x20: bytes += "\\u00\(byte < 0x10 ? "0" : "")\(String(byte, radix: 16))".utf8
            default: bytes.append(byte)
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }
}
