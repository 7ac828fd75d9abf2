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
    /// Small enough that a block is still in the core's own cache when the second digest comes to it.
    static let blockSize = 1 << 18
    static let attempts = 3

    private let reading: FileReadingState

    public init(_ streams: DigestStreams) throws(ShelfError) {
        reading = try FileReadingState(streams, sampling: true, blockSize: Self.blockSize)
    }

    /// Hashes a file by path.
    public func hash(
        _ path: FilePath, cancellation: Cancellation, counter: ByteCounter? = nil,
        layout: LayoutReader
    ) throws(ShelfError) -> HashedFile {
        for _ in 0..<Self.attempts {
            let file = try ReadableFile(path)
            reading.start(file, counter)
            defer { reading.stop() }
            if try reading.readAll(cancellation, layout), let hashed = reading.finish() { return hashed }
        }
        throw FileReadingState.changed(path)
    }

    /// Hashes bytes that were read already, which are the whole file.
    public func hash(_ bytes: UnsafeRawBufferPointer, layout: TensorLayout?) -> (FileDigests, sample: [UInt8]) {
        var feeds = SHA256Feeds()
        reading.take(bytes, layout: layout, &feeds)
        feeds.run()
        return reading.results()
    }
}
