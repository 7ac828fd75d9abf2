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
    private let whole: SHA256Stream?
    private let tensors: SHA256Stream?
    private let afterHeader: SHA256Stream?
    private let legacy: SHA256Stream?
    private let git: MessageDigest?
    private let blake3: BLAKE3Stream?
    private let canonical: CanonicalDigest?
    private var crc: UInt32 = 0
    /// Those of a block that is fed on its own.
    private var feeds = SHA256Feeds()
    private var position: Int64 = 0
    private var size: Int64 = 0
    private var tensorOffset: Int64?
    /// The longest header that is followed without knowing more of the file.
    private var followedHeader: UInt64?
    /// What the first eight bytes say, as far as they have come.
    private var headerLength: UInt64 = 0
    /// Where Civitai's rule starts; known once the first eight bytes are.
    private var afterHeaderOffset: Int64?

    public init(_ streams: DigestStreams) throws(ShelfError) {
        self.streams = streams
        whole = streams.contains(.whole) ? SHA256Stream() : nil
        tensors = streams.contains(.tensors) ? SHA256Stream() : nil
        afterHeader = streams.contains(.afterHeader) ? SHA256Stream() : nil
        legacy = streams.contains(.legacyWindow) ? SHA256Stream() : nil
        git = streams.contains(.gitBlob) ? try MessageDigest(.sha1) : nil
        blake3 = streams.contains(.blake3) ? BLAKE3Stream() : nil
        canonical = streams.contains(.canonical) ? CanonicalDigest() : nil
    }

    /// Starts a file of `size` bytes. `layout` is nil unless it is safetensors.
    public func reset(size: Int64, layout: TensorLayout?) {
        for digest in [whole, tensors, afterHeader, legacy] { digest?.reset() }
        git?.reset()
        blake3?.reset()
        crc = 0
        position = 0
        self.size = size
        tensorOffset = layout?.dataOffset
        followedHeader = nil
        canonical?.reset(layout?.tensors ?? [])
        headerLength = 0
        afterHeaderOffset = nil
        git?.update(Array("blob \(size)".utf8) + [0])
    }

    /// Starts bytes that come from somewhere, their number unknown. What follows the header that the first eight bytes
    /// promise, if it is not longer than `limit`, is taken for tensor data; there is no git name and no canonical
    /// digest of such bytes.
    public func resetFollowingHeader(limit: UInt64) {
        reset(size: 0, layout: nil)
        followedHeader = limit
    }

    /// A second pipeline that has taken the same bytes and goes its own way.
    public func copy() throws(ShelfError) -> DigestPipeline {
        let copy = try DigestPipeline(streams.subtracting([.gitBlob, .canonical]))
        for (old, new) in [
            (whole, copy.whole), (tensors, copy.tensors), (afterHeader, copy.afterHeader), (legacy, copy.legacy),
        ] {
            if let old { new?.become(old) }
        }
        if let blake3 { copy.blake3?.become(blake3) }
        copy.crc = crc
        copy.position = position
        copy.size = size
        copy.tensorOffset = tensorOffset
        copy.headerLength = headerLength
        copy.afterHeaderOffset = afterHeaderOffset
        copy.followedHeader = followedHeader
        return copy
    }

    /// Takes the next bytes of the file.
    public func update(_ block: UnsafeRawBufferPointer) {
        feed(block, to: &feeds)
        feeds.run()
    }

    /// The same, but leaves the SHA-256 of the bytes to `feeds`, where those of other files may be too. `apart` are
    /// their other digests, if somebody has computed them already.
    func feed(_ block: UnsafeRawBufferPointer, to feeds: inout SHA256Feeds, apart: BlockDigests? = nil) {
        // One set for both leaves it to the kernels to work them side by side.
        var later = SHA256Feeds()
        feed(block, to: &feeds, afterHeader: &later, apart: apart)
        feeds.append(later)
    }

    /// The same with those SHA-256 that leave out the header apart from the others, for another thread.
    func feed(
        _ block: UnsafeRawBufferPointer, to feeds: inout SHA256Feeds, afterHeader later: inout SHA256Feeds,
        apart: BlockDigests? = nil
    ) {
        guard !block.isEmpty else { return }
        if position < 8 { readHeaderLength(block) }
        if let whole { feeds.add(block, to: whole) }
        // The two rules agree on every ordinary safetensors file: then one digest serves both.
        if let tensors, let tensorOffset { later.add(part(of: block, from: tensorOffset), to: tensors) }
        if let afterHeader, let afterHeaderOffset, afterHeaderOffset != tensorOffset || tensors == nil {
            later.add(part(of: block, from: afterHeaderOffset), to: afterHeader)
        }
        if let legacy {
            feeds.add(part(of: block, from: Self.legacyWindow.lowerBound, to: Self.legacyWindow.upperBound), to: legacy)
        }
        git?.update(block)
        if tensorOffset != nil { canonical?.add(block, at: position) }
        if let subtree = apart?.subtree { blake3?.add(subtree) } else { blake3?.update(block) }
        if let part = apart?.crc32 {
            crc = CRC32.combine(crc, part, count: Int64(block.count))
        } else if streams.contains(.crc32) {
            crc = CRC32.update(crc, block)
        }
        position += Int64(block.count)
    }

    public func finish() -> FileDigests {
        var digests = FileDigests()
        digests.size = position
        digests.sha256 = whole?.finish()
        digests.gitSHA1 = git?.finish()
        digests.legacyWindowSHA256 = legacy?.finish()
        digests.blake3 = blake3?.finish()
        if streams.contains(.crc32) { digests.crc32 = crc }
        if tensorOffset != nil {
            digests.tensorSHA256 = tensors?.finish()
            digests.canonical = canonical?.finish()
        }
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
        if let followedHeader, headerLength <= followedHeader { tensorOffset = 8 + Int64(headerLength) }
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

/// Those digests of one block that need nothing of the blocks before it.
struct BlockDigests: Sendable {
    var subtree: BLAKE3Stream.Subtree?
    var crc32: UInt32?

    init(_ block: UnsafeRawBufferPointer, at offset: Int64, _ streams: DigestStreams) {
        if streams.contains(.blake3) { subtree = BLAKE3Stream.Subtree(block, at: offset) }
        if streams.contains(.crc32) { crc32 = CRC32.update(0, block) }
    }
}
