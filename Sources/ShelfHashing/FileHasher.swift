public import ShelfBase
internal import Synchronization

/// Bytes hashed so far by all workers, for progress.
public final class ByteCounter: Sendable {
    private let total = Atomic<Int64>(0)

    public init() {}

    public var value: Int64 { total.load(ordering: .relaxed) }

    public func add(_ bytes: Int64) { total.add(bytes, ordering: .relaxed) }
}

/// What one read of a file gave.
public struct HashedFile: Sendable {
    public let digests: FileDigests
    public let sample: [UInt8]
    /// The file that was read: the same before and after.
    public let identity: FileIdentity

    public init(digests: FileDigests, sample: [UInt8], identity: FileIdentity) {
        self.digests = digests
        self.sample = sample
        self.identity = identity
    }
}

/// Hashes files one after another on the thread that calls it, with buffers that it keeps.
///
/// A file that changes while it is read is tried again, three times in all, then refused: a digest is never one of a
/// mixture. Cancellation takes effect between two blocks.
public final class FileHasher {
    static let blockSize = 1 << 20
    static let attempts = 3

    private let pipeline: DigestPipeline
    private let sample: SampleCollector
    private let buffer: UnsafeMutableRawBufferPointer

    public init(_ streams: DigestStreams) throws(ShelfError) {
        pipeline = try DigestPipeline(streams)
        sample = try SampleCollector()
        buffer = .allocate(byteCount: Self.blockSize, alignment: 4096)
    }

    deinit { buffer.deallocate() }

    /// Hashes a file by path. `tensorOffset` is asked with the opened file: where its tensor data starts.
    public func hash(
        _ path: FilePath, cancellation: Cancellation, counter: ByteCounter? = nil,
        tensorOffset: (ReadableFile) -> Int64?
    ) throws(ShelfError) -> HashedFile {
        for _ in 0..<Self.attempts {
            let file = try ReadableFile(path)
            if let hashed = try attempt(file, tensorOffset(file), cancellation, counter) { return hashed }
        }
        throw ShelfError(
            .fileChanged, "the file changed while it was read, \(Self.attempts) times in a row", path: path,
            hint: "wait until its writer is done")
    }

    /// Hashes bytes that were read already, which are the whole file.
    public func hash(_ bytes: UnsafeRawBufferPointer, tensorOffset: Int64?) -> (FileDigests, sample: [UInt8]) {
        pipeline.reset(size: Int64(bytes.count), tensorOffset: tensorOffset)
        sample.reset(size: Int64(bytes.count), head: bytes.prefix(8))
        pipeline.update(bytes)
        sample.add(bytes, at: 0)
        return (pipeline.finish(), sample.finish())
    }

    /// One read from front to back; nil when the file was not the same all the time.
    private func attempt(
        _ file: ReadableFile, _ tensorOffset: Int64?, _ cancellation: Cancellation, _ counter: ByteCounter?
    ) throws(ShelfError) -> HashedFile? {
        file.adviseSequential()
        pipeline.reset(size: file.size, tensorOffset: tensorOffset)
        var offset: Int64 = 0
        defer { if offset < file.size { counter?.add(-offset) } }
        while offset < file.size {
            try cancellation.check()
            let wanted = Int(min(Int64(Self.blockSize), file.size - offset))
            let target = UnsafeMutableRawBufferPointer(rebasing: buffer[..<wanted])
            guard try file.read(into: target, at: offset) == wanted else { return nil }
            let block = UnsafeRawBufferPointer(target)
            if offset == 0 { sample.reset(size: file.size, head: block.prefix(8)) }
            pipeline.update(block)
            sample.add(block, at: offset)
            offset += Int64(wanted)
            counter?.add(Int64(wanted))
        }
        if file.size == 0 { sample.reset(size: 0, head: []) }
        guard let after = file.currentIdentity(), after.isUntouched(since: file.identity) else {
            counter?.add(-offset)
            return nil
        }
        return HashedFile(digests: pipeline.finish(), sample: sample.finish(), identity: file.identity)
    }
}
