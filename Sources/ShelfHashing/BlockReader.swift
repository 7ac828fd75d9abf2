internal import ShelfBase

/// Reads the blocks of one file on several threads and computes those of their digests that need no order.
///
/// The thread that wants the blocks calls everything but ``work()``.
final class BlockReader: @unchecked Sendable {
    // Sendable: `posted` and `waiting` belong to the thread that wants the blocks, the rest is never changed.

    /// A block is one subtree of BLAKE3.
    static let blockSize = 1 << 19

    private struct Job: Sendable {
        let block: Int
        let buffer: Int
    }

    struct Done: Sendable {
        let block: Int
        let buffer: Int
        /// Nil: the file is shorter than it was.
        let result: Result<BlockDigests?, ShelfError>
    }

    /// Blocks of the file.
    let count: Int
    let buffers: BlockBuffers
    private let file: ReadableFile
    private let streams: DigestStreams
    private let jobs = Mailbox<Job>()
    private let done = Mailbox<Done>()
    private var posted = 0
    private var waiting: [Int: Done] = [:]

    init(_ file: ReadableFile, _ streams: DigestStreams, _ buffers: BlockBuffers) {
        self.file = file
        self.streams = streams
        self.buffers = buffers
        let blocks = file.size / Int64(Self.blockSize) + (file.size % Int64(Self.blockSize) == 0 ? 0 : 1)
        count = Int(blocks)
    }

    /// Has the next block that nobody has read read into a buffer.
    func refill(_ buffer: Int) {
        guard posted < count else { return }
        jobs.post(Job(block: posted, buffer: buffer))
        posted += 1
    }

    /// Whether nobody reads `block` yet, for want of a buffer.
    func isStarved(before block: Int) -> Bool { posted == block }

    /// Waits for a block, which somebody reads already.
    func next(_ block: Int) -> Done {
        while true {
            if let next = waiting.removeValue(forKey: block) { return next }
            for message in done.receiveAll(milliseconds: -1) { waiting[message.block] = message }
        }
    }

    func bytes(of done: Done) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: buffers[done.buffer][..<length(of: done.block)])
    }

    /// Lets the readers end.
    func close() { jobs.close() }

    /// A reader's whole work, on its own thread.
    func work() {
        while let job = jobs.receive(milliseconds: -1) {
            let result = Result { () throws(ShelfError) in try read(job) }
            done.post(Done(block: job.block, buffer: job.buffer, result: result))
        }
    }

    private func length(of block: Int) -> Int {
        Int(min(Int64(Self.blockSize), file.size - Int64(block) * Int64(Self.blockSize)))
    }

    private func read(_ job: Job) throws(ShelfError) -> BlockDigests? {
        let offset = Int64(job.block) * Int64(Self.blockSize)
        let target = UnsafeMutableRawBufferPointer(rebasing: buffers[job.buffer][..<length(of: job.block)])
        guard try file.read(into: target, at: offset) == target.count else { return nil }
        return BlockDigests(UnsafeRawBufferPointer(target), at: offset, streams)
    }
}

/// Memory that passes from thread to thread together with the number of the buffer.
final class BlockBuffers: @unchecked Sendable {
    // Sendable: a buffer is touched only by the threads that were given its number.
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
