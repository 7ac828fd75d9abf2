/// Whole numbers of little-endian formats, read from foreign bytes without trusting any offset.
enum LittleEndian {
    /// The eight bytes at an offset; nil when they are not all there.
    static func uint64(_ bytes: [UInt8], at offset: Int) -> UInt64? { number(bytes, at: offset, count: 8) }

    static func uint32(_ bytes: [UInt8], at offset: Int) -> UInt64? { number(bytes, at: offset, count: 4) }

    static func uint16(_ bytes: [UInt8], at offset: Int) -> UInt64? { number(bytes, at: offset, count: 2) }

    private static func number(_ bytes: [UInt8], at offset: Int, count: Int) -> UInt64? {
        guard offset >= 0, bytes.count >= count, offset <= bytes.count - count else { return nil }
        var value: UInt64 = 0
        for index in (0..<count).reversed() { value = value << 8 | UInt64(bytes[offset + index]) }
        return value
    }
}
