internal import CZlib
public import ShelfBase

/// Feeds one pass over a file to every digest that was asked for.
///
/// Blocks must come in order from offset 0. Used by one thread; ``reset(size:tensorOffset:)`` makes it ready for the
/// next file without allocating again.
public final class DigestPipeline {
    /// The window of AutoV1 and of A1111's `model_hash`.
    static let legacyWindow: Range<Int64> = 0x100000..<0x110000
    /// Civitai's scanner skips a header only if it is shorter than this.
    static let civitaiHeaderLimit: UInt64 = 16 * 1024 * 1024

    private let streams: DigestStreams
    private let whole: MessageDigest?
    private let tensors: MessageDigest?
    private let afterHeader: MessageDigest?
    private let legacy: MessageDigest?
    private let git: MessageDigest?
    private var crc: UInt = 0
    private var position: Int64 = 0
    private var size: Int64 = 0
    private var tensorOffset: Int64?
    /// What the first eight bytes say, as far as they have come.
    private var headerLength: UInt64 = 0
    /// Where Civitai's rule starts; known once the first eight bytes are.
    private var afterHeaderOffset: Int64?

    public init(_ streams: DigestStreams) throws(ShelfError) {
        self.streams = streams
        whole = streams.contains(.whole) ? try MessageDigest(.sha256) : nil
        tensors = streams.contains(.tensors) ? try MessageDigest(.sha256) : nil
        afterHeader = streams.contains(.afterHeader) ? try MessageDigest(.sha256) : nil
        legacy = streams.contains(.legacyWindow) ? try MessageDigest(.sha256) : nil
        git = streams.contains(.gitBlob) ? try MessageDigest(.sha1) : nil
    }

    /// Starts a file of `size` bytes. `tensorOffset` is where its tensor data starts, nil unless it is safetensors.
    public func reset(size: Int64, tensorOffset: Int64?) {
        for digest in [whole, tensors, afterHeader, legacy, git] { digest?.reset() }
        crc = 0
        position = 0
        self.size = size
        self.tensorOffset = tensorOffset
        headerLength = 0
        afterHeaderOffset = nil
        git?.update(Array("blob \(size)".utf8) + [0])
    }

    /// Takes the next bytes of the file.
    public func update(_ block: UnsafeRawBufferPointer) {
        guard !block.isEmpty else { return }
        if position < 8 { readHeaderLength(block) }
        whole?.update(block)
        git?.update(block)
        if streams.contains(.crc32) {
            crc = UInt(crc32_z(uLong(crc), block.bindMemory(to: UInt8.self).baseAddress, block.count))
        }
        // The two rules agree on every ordinary safetensors file: then one digest serves both.
        if let tensorOffset { tensors?.update(part(of: block, from: tensorOffset)) }
        if let afterHeaderOffset, afterHeaderOffset != tensorOffset || tensors == nil {
            afterHeader?.update(part(of: block, from: afterHeaderOffset))
        }
        legacy?.update(part(of: block, from: Self.legacyWindow.lowerBound, to: Self.legacyWindow.upperBound))
        position += Int64(block.count)
    }

    public func finish() -> FileDigests {
        var digests = FileDigests()
        digests.size = position
        digests.sha256 = whole?.finish()
        digests.gitSHA1 = git?.finish()
        digests.legacyWindowSHA256 = legacy?.finish()
        if streams.contains(.crc32) { digests.crc32 = UInt32(truncatingIfNeeded: crc) }
        if tensorOffset != nil { digests.tensorSHA256 = tensors?.finish() }
        if let afterHeaderOffset {
            let shared = afterHeaderOffset == tensorOffset && tensors != nil
            digests.afterHeaderSHA256 = shared ? digests.tensorSHA256 : afterHeader?.finish()
            if !streams.contains(.afterHeader) { digests.afterHeaderSHA256 = nil }
        }
        return digests
    }

    /// Civitai's rule: the first eight bytes are a length; skip it and, if it is short enough, as many bytes more.
    private func readHeaderLength(_ block: UnsafeRawBufferPointer) {
        for (byte, index) in zip(block, position..<8) { headerLength |= UInt64(byte) << UInt64(8 * index) }
        guard position + Int64(block.count) >= 8 else { return }
        afterHeaderOffset = headerLength < Self.civitaiHeaderLimit ? 8 + Int64(headerLength) : 8
    }

    /// The part of a block that lies between two offsets of the file.
    private func part(
        of block: UnsafeRawBufferPointer, from start: Int64, to end: Int64 = .max
    ) -> UnsafeRawBufferPointer {
        let count = Int64(block.count)
        let lower = max(0, min(count, start - position))
        let upper = max(lower, min(count, end - position))
        return UnsafeRawBufferPointer(rebasing: block[Int(lower)..<Int(upper)])
    }
}
