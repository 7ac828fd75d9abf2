internal import ShelfBase

/// One file on its way through the digests, block by block, with the buffer and the streams that serve the next file
/// too. Several of them share a ``SHA256Feeds``.
final class FileReadingState {
    let pipeline: DigestPipeline
    private let sample: SampleCollector?
    private let buffer: UnsafeMutableRawBufferPointer
    private var file: ReadableFile?
    private var counter: ByteCounter?
    private var offset: Int64 = 0
    /// The bytes counted so far count only if they become digests.
    private var isFinished = false

    init(_ streams: DigestStreams, sampling: Bool, blockSize: Int) throws(ShelfError) {
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

    func start(_ file: ReadableFile, tensorOffset: Int64?, _ counter: ByteCounter?) {
        self.file = file
        self.counter = counter
        if file.size > Int64(buffer.count) { file.adviseSequential() }
        pipeline.reset(size: file.size, tensorOffset: tensorOffset)
        if file.size == 0 { sample?.reset(size: 0, head: []) }
        offset = 0
        isFinished = false
    }

    var isAtEnd: Bool { offset >= (file?.size ?? 0) }

    /// Reads the next block and adds it to `feeds`, which must be run before the next step. False when the file has
    /// become shorter.
    func step(_ feeds: inout SHA256Feeds) throws(ShelfError) -> Bool {
        guard let file else { return false }
        let wanted = Int(min(Int64(buffer.count), file.size - offset))
        let target = UnsafeMutableRawBufferPointer(rebasing: buffer[..<wanted])
        guard try file.read(into: target, at: offset) == wanted else { return false }
        take(UnsafeRawBufferPointer(target), of: file.size, &feeds)
        return true
    }

    /// Reads and hashes from here to the end; false when the file has become shorter.
    func readAll(_ cancellation: Cancellation) throws(ShelfError) -> Bool {
        var feeds = SHA256Feeds()
        while !isAtEnd {
            try cancellation.check()
            guard try step(&feeds) else { return false }
            feeds.run()
        }
        return true
    }

    /// The next block, which somebody else has read.
    func take(
        _ block: UnsafeRawBufferPointer, of size: Int64, _ feeds: inout SHA256Feeds, apart: BlockDigests? = nil
    ) {
        if offset == 0 { sample?.reset(size: size, head: block.prefix(8)) }
        pipeline.feed(block, to: &feeds, apart: apart)
        sample?.add(block, at: offset, to: &feeds)
        offset += Int64(block.count)
        counter?.add(Int64(block.count))
    }

    /// A whole file that is in memory.
    func take(_ bytes: UnsafeRawBufferPointer, tensorOffset: Int64?, _ feeds: inout SHA256Feeds) {
        file = nil
        counter = nil
        offset = 0
        isFinished = true
        pipeline.reset(size: Int64(bytes.count), tensorOffset: tensorOffset)
        take(bytes, of: Int64(bytes.count), &feeds)
    }

    func results() -> (FileDigests, sample: [UInt8]) { (pipeline.finish(), sample?.finish() ?? []) }

    /// The digests; nil if the file is not what it was when it was opened.
    func finish() -> HashedFile? {
        guard let file, let after = file.currentIdentity(), after.isUntouched(since: file.identity) else { return nil }
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
