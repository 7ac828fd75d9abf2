internal import CZlib
internal import ShelfBase

/// zlib streams in blobs, with the size before compression in front so that reading is bounded.
enum Compression {
    /// No header or payload that we keep is larger; a damaged length cannot make us allocate more.
    private static let largest: UInt32 = 256 * 1024 * 1024

    static func pack(_ bytes: [UInt8]) -> [UInt8] {
        var packed = [UInt8](repeating: 0, count: 4 + Int(compressBound(uLong(bytes.count))))
        for index in 0..<4 { packed[index] = UInt8(truncatingIfNeeded: bytes.count >> (8 * index)) }
        var length = uLong(packed.count - 4)
        let code = packed.withUnsafeMutableBytes { target in
            compress2(
                target.baseAddress?.advanced(by: 4).assumingMemoryBound(to: UInt8.self), &length, bytes,
                uLong(bytes.count), 1)
        }
        guard code == Z_OK else { return [] }
        packed.removeLast(packed.count - 4 - Int(length))
        return packed
    }

    /// Nil when the blob is damaged.
    static func unpack(_ packed: [UInt8]) -> [UInt8]? {
        guard packed.count > 4 else { return nil }
        var size: UInt32 = 0
        for index in 0..<4 { size |= UInt32(packed[index]) << UInt32(8 * index) }
        guard size <= largest else { return nil }
        var bytes = [UInt8](repeating: 0, count: Int(size))
        var length = uLong(size)
        let code = packed.withUnsafeBytes { source in
            uncompress(
                &bytes, &length, source.baseAddress?.advanced(by: 4).assumingMemoryBound(to: UInt8.self),
                uLong(packed.count - 4))
        }
        return code == Z_OK && length == uLong(size) ? bytes : nil
    }

    static func pack(_ value: JSONValue) -> [UInt8] { pack(value.bytes()) }

    static func unpackJSON(_ packed: [UInt8]?) -> JSONValue? {
        guard let packed, let bytes = unpack(packed) else { return nil }
        return try? JSONValue.parse(bytes, maximumDepth: 200)
    }
}
