internal import ShelfBase

/// One file on its way through the digests, block by block, with the buffer and the streams that serve the next file
/// too. Several of them share a ``SHA256Feeds``.
final class FileReadingState {
    let pipeline: DigestPipeline
    private let streams: DigestStreams
    private let sample: SampleCollector?
    private let buffer: UnsafeMutableRawBufferPointer
    private var file: ReadableFile?
    private var counter: ByteCounter?
    private var offset: Int64 = 0
    /// Up to where the page cache has been told to let go; nil if it is to keep the file.
    private var forgotten: Int64?
    /// The bytes counted so far count only if they become digests.
    private var isFinished = false

    /// Smaller files do not flood the page cache; asking about each would cost more than it spares.
    private static let floods: Int64 = 8 << 20
    private static let forgetsAtOnce: Int64 = 8 << 20

    init(_ streams: DigestStreams, sampling: Bool, blockSize: Int) throws(ShelfError) {
        self.streams = streams
        pipeline = try DigestPipeline(streams)
        sample = sampling ? SampleCollector() : nil
        buffer = .allocate(byteCount: blockSize, alignment: 4096)
    }

    deinit { buffer.deallocate() }

    static func changed(_ path: FilePath) -> ShelfError {
        ShelfError(
            .fileChanged, "the file changed while it was read, \(FileHasher.attempts) times in a row", path: path,
            hint: "wait until its writer is done")
    }

    func start(_ file: ReadableFile, _ counter: ByteCounter?) {
        self.file = file
        self.counter = counter
        if file.size > Int64(buffer.count) { file.adviseSequential() }
        forgotten = file.size >= Self.floods && !file.isCached ? 0 : nil
        // Of other files the first block begins it, because it tells the layout.
        if file.size == 0 {
            pipeline.reset(size: 0, layout: nil)
            sample?.reset(size: 0, head: [])
        }
        offset = 0
        isFinished = false
    }

    var isAtEnd: Bool { offset >= (file?.size ?? 0) }

    /// Reads the next block and adds it to `feeds`, which must be run before the next step. False when the file has
    /// become shorter.
    func step(_ feeds: inout SHA256Feeds, _ layout: LayoutReader) throws(ShelfError) -> Bool {
        guard let file else { return false }
        let wanted = Int(min(Int64(buffer.count), file.size - offset))
        let target = UnsafeMutableRawBufferPointer(rebasing: buffer[..<wanted])
        guard try file.read(into: target, at: offset) == wanted else { return false }
        let block = UnsafeRawBufferPointer(target)
        begin(block, layout)
        pipeline.feed(block, to: &feeds)
        sample?.add(block, at: offset, to: &feeds)
        advance(block.count)
        return true
    }

    /// Reads and hashes from here to the end; false when the file has become shorter.
    func readAll(_ cancellation: Cancellation, _ layout: LayoutReader) throws(ShelfError) -> Bool {
        var feeds = SHA256Feeds()
        while !isAtEnd {
            try cancellation.check()
            guard try step(&feeds, layout) else { return false }
            feeds.run()
        }
        return true
    }

    /// The next block, which somebody else has read; `apart` are those of its digests that they have computed. Its
    /// SHA-256 are left to `feeds`, those without the header to `later`.
    func take(
        _ block: UnsafeRawBufferPointer, _ feeds: inout SHA256Feeds, afterHeader later: inout SHA256Feeds,
        apart: BlockDigests, _ layout: LayoutReader
    ) {
        begin(block, layout)
        pipeline.feed(block, to: &feeds, afterHeader: &later, apart: apart)
        sample?.add(block, at: offset, to: &feeds)
        advance(block.count)
    }

    /// A whole file that is in memory.
    func take(_ bytes: UnsafeRawBufferPointer, layout: TensorLayout?, _ feeds: inout SHA256Feeds) {
        stop()
        isFinished = true
        pipeline.reset(size: Int64(bytes.count), layout: layout)
        sample?.reset(size: Int64(bytes.count), head: bytes.prefix(8))
        pipeline.feed(bytes, to: &feeds)
        sample?.add(bytes, at: 0, to: &feeds)
    }

    /// Makes the digests ready when `block` is the file's first.
    private func begin(_ block: UnsafeRawBufferPointer, _ layout: LayoutReader) {
        guard offset == 0, let file else { return }
        let needsLayout = !streams.isDisjoint(with: .needingLayout)
        pipeline.reset(size: file.size, layout: needsLayout ? layout(file, block) : nil)
        sample?.reset(size: file.size, head: block.prefix(8))
    }

    private func advance(_ count: Int) {
        offset += Int64(count)
        counter?.add(Int64(count))
        guard let start = forgotten, offset - start >= Self.forgetsAtOnce || isAtEnd else { return }
        file?.forget(start..<offset)
        forgotten = offset
    }

    func results() -> (FileDigests, sample: [UInt8]) { (pipeline.finish(), sample?.finish() ?? []) }

    /// The digests; nil if the file is not what it was when it was opened.
    func finish() -> HashedFile? {
        guard let file, let after = file.currentIdentity(), after.isUntouched(since: file.identity) else { return nil }
        // Files of the kernel say that they are empty and are not: theirs would be the digest of nothing.
        if file.size == 0, (try? file.bytes(at: 0, count: 1))?.isEmpty == false { return nil }
        isFinished = true
        let (digests, sample) = results()
        return HashedFile(digests: digests, sample: sample, identity: file.identity)
    }

    /// Lets go of the file. What was counted of a file that gave nothing is taken back.
    func stop() {
        if !isFinished { counter?.add(-offset) }
        file = nil
        counter = nil
        offset = 0
    }
}
