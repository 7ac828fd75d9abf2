public import ShelfBase

/// Hashes one large file with several threads: readers take blocks in turn and compute what needs no order (BLAKE3's
/// subtrees, CRC-32), the calling thread takes the blocks in order and computes the rest (all SHA-256 side by side).
public enum ParallelHasher {
    /// A block is one subtree of BLAKE3.
    static let blockSize = 1 << 19
    /// Blocks that a process should have in memory: 32 MiB.
    public static let mostBuffers = 64
    /// A smaller file is done before the threads have started.
    static let worthIt: Int64 = 8 << 20

    private struct Job: Sendable {
        let block: Int
        let buffer: Int
    }

    private struct Done: Sendable {
        let block: Int
        let buffer: Int
        /// Nil: the file is shorter than it was.
        let result: Result<BlockDigests?, ShelfError>
    }

    /// `threads`: how many work on it, the calling one included. `buffers`: how many blocks it may hold.
    public static func hash(
        _ path: FilePath, _ streams: DigestStreams, threads: Int, buffers: Int = mostBuffers, sampling: Bool,
        cancellation: Cancellation, counter: ByteCounter? = nil, tensorOffset: (ReadableFile) -> Int64?
    ) throws(ShelfError) -> HashedFile {
        // Without anything sequential the calling thread only puts the parts together, and waits most of the time.
        let readers = max(1, streams.isDisjoint(with: .sequential) ? threads : threads - 1)
        let reading = try FileReadingState(streams, sampling: sampling, blockSize: FileHasher.blockSize)
        let buffers = BlockBuffers(count: max(2, min(buffers, 2 * readers + 2)), size: blockSize)
        for _ in 0..<FileHasher.attempts {
            let file = try ReadableFile(path)
            reading.start(file, tensorOffset: tensorOffset(file), counter)
            defer { reading.stop() }
            let isWhole =
                file.size >= worthIt
                ? try pass(file, reading, streams, readers, buffers, cancellation) : try reading.readAll(cancellation)
            if isWhole, let hashed = reading.finish() { return hashed }
        }
        throw FileReadingState.changed(path)
    }

    /// One read of the file; false when it has become shorter.
    private static func pass(
        _ file: ReadableFile, _ reading: FileReadingState, _ streams: DigestStreams, _ readers: Int,
        _ buffers: BlockBuffers, _ cancellation: Cancellation
    ) throws(ShelfError) -> Bool {
        let jobs = Mailbox<Job>()
        let done = Mailbox<Done>()
        let pool = WorkerPool(threads: readers)
        guard pool.count > 0 else { return try reading.readAll(cancellation) }
        defer {
            jobs.close()
            pool.finish()
        }
        let blocks = Int((file.size + Int64(blockSize) - 1) / Int64(blockSize))
        var posted = 0
        for buffer in 0..<min(buffers.count, blocks) {
            jobs.post(Job(block: posted, buffer: buffer))
            posted += 1
        }
        for _ in 0..<readers {
            pool.submit {
                while let job = jobs.receive(milliseconds: -1) {
                    done.post(
                        Done(
                            block: job.block, buffer: job.buffer,
                            result: Result { () throws(ShelfError) in try read(file, job, buffers, streams) }))
                }
            }
        }
        var waiting: [Int: Done] = [:]
        var feeds = SHA256Feeds()
        for block in 0..<blocks {
            while waiting[block] == nil {
                for message in done.receiveAll(milliseconds: -1) { waiting[message.block] = message }
            }
            try cancellation.check()
            guard let next = waiting.removeValue(forKey: block), let digests = try next.result.get() else {
                return false
            }
            let bytes = UnsafeRawBufferPointer(rebasing: buffers[next.buffer][..<count(of: block, file)])
            reading.take(bytes, of: file.size, &feeds, apart: digests)
            feeds.run()
            if posted < blocks {
                jobs.post(Job(block: posted, buffer: next.buffer))
                posted += 1
            }
        }
        return true
    }

    private static func count(of block: Int, _ file: ReadableFile) -> Int {
        Int(min(Int64(blockSize), file.size - Int64(block) * Int64(blockSize)))
    }

    /// A reader's part of the work; nil when the file has become shorter.
    private static func read(
        _ file: ReadableFile, _ job: Job, _ buffers: BlockBuffers, _ streams: DigestStreams
    ) throws(ShelfError) -> BlockDigests? {
        let offset = Int64(job.block) * Int64(blockSize)
        let target = UnsafeMutableRawBufferPointer(rebasing: buffers[job.buffer][..<count(of: job.block, file)])
        guard try file.read(into: target, at: offset) == target.count else { return nil }
        return BlockDigests(UnsafeRawBufferPointer(target), at: offset, streams)
    }
}

/// Memory that passes from thread to thread together with the number of the buffer.
private final class BlockBuffers: @unchecked Sendable {
    // Sendable: a buffer is touched only by the thread that took its number from a mailbox.
    private let all: UnsafeMutableRawBufferPointer
    private let size: Int
    let count: Int

    init(count: Int, size: Int) {
        all = .allocate(byteCount: count * size, alignment: 4096)
        self.size = size
        self.count = count
    }

    deinit { all.deallocate() }

    subscript(index: Int) -> UnsafeMutableRawBufferPointer {
        UnsafeMutableRawBufferPointer(rebasing: all[index * size..<(index + 1) * size])
    }
}
