internal import ShelfBase

/// The first 24 bytes of a GGUF file: enough to refuse what no reader takes and what cannot be whole.
///
/// Source: the GGUF specification, and llama.cpp's reader, which refuses version 1 and files of the other byte order.
enum GGUFPreamble {
    /// The least that a tensor's entry and a key's entry take, so that counts can be held against the file's size.
    private static let smallestTensorEntry: UInt64 = 24
    private static let smallestKeyEntry: UInt64 = 13

    /// What is wrong; nil when nothing can be said against it.
    static func problem(head: [UInt8], size: Int64) -> ShelfError? {
        guard let version = LittleEndian.uint32(head, at: 4) else {
            return ShelfError(.corruptFile, "GGUF: the file ends within its first bytes")
        }
        // A version whose low half is zero is a small number in the other byte order.
        guard version & 0xffff != 0 else {
            return ShelfError(.unsupportedFormat, "GGUF of the other byte order", hint: "convert it to little-endian")
        }
        guard version >= 2 else {
            return ShelfError(.unsupportedFormat, "GGUF version \(version) is obsolete", hint: "convert it again")
        }
        guard let tensors = LittleEndian.uint64(head, at: 8), let keys = LittleEndian.uint64(head, at: 16) else {
            return ShelfError(.corruptFile, "GGUF: the file ends within its first bytes")
        }
        let left = UInt64(clamping: size - 24)
        guard tensors <= left / smallestTensorEntry, keys <= left / smallestKeyEntry else {
            return ShelfError(
                .corruptFile, "GGUF: the header promises \(tensors) tensors and \(keys) keys, more than fit the file")
        }
        return nil
    }
}
