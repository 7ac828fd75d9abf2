internal import CHashKernels

/// CRC-32 as zlib and zip have it.
public enum CRC32 {
    /// The CRC of the bytes that `crc` is of, followed by `bytes`; start with 0.
    public static func update(_ crc: UInt32, _ bytes: UnsafeRawBufferPointer) -> UInt32 {
        shelf_crc32(crc, bytes.baseAddress, bytes.count)
    }

    /// The CRC of two runs of bytes one after the other, the second `count` bytes long.
    public static func combine(_ first: UInt32, _ second: UInt32, count: Int64) -> UInt32 {
        shelf_crc32_combine(first, second, UInt64(max(0, count)))
    }
}

/// The code that was chosen for this processor.
public enum HashKernels {
    /// One line, like `sha256=shani+avx512 blake3=avx512 crc32=vpclmul`.
    public static var description: String { String(cString: shelf_hash_kernels_description()) }
}
