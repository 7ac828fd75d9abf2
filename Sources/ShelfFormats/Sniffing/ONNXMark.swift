/// Recognises an ONNX model: a protobuf message whose field 1 is a version and whose field 7 is the graph.
enum ONNXMark {
    /// Versions of the intermediate representation that are in use.
    private static let versions: ClosedRange<UInt64> = 3...13

    static func matches(_ head: [UInt8], size: Int64) -> Bool {
        guard head.first == 0x08 else { return false }
        var offset = 1
        guard let version = varint(head, &offset), versions.contains(version) else { return false }
        // Fields 2 to 6 are short texts, 7 is the graph; the loop ends because every round moves on.
        while offset < head.count {
            guard let tag = varint(head, &offset) else { return false }
            let field = tag >> 3
            switch tag & 7 {
            case 0:
                guard varint(head, &offset) != nil else { return false }
            case 2:
                guard let length = varint(head, &offset), length <= UInt64(clamping: size) else { return false }
                if field == 7 { return true }
                guard let count = Int(exactly: length), count <= head.count - offset else { return false }
                offset += count
            default: return false
            }
            guard (1...25).contains(field) else { return false }
        }
        return false
    }

    /// A protobuf number of at most ten bytes.
    private static func varint(_ bytes: [UInt8], _ offset: inout Int) -> UInt64? {
        var value: UInt64 = 0
        for index in 0..<10 {
            guard offset < bytes.count else { return nil }
            let byte = bytes[offset]
            offset += 1
            value |= UInt64(byte & 0x7f) << UInt64(index * 7)
            if byte < 0x80 { return value }
        }
        return nil
    }
}
