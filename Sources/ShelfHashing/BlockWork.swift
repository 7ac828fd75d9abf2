internal import ShelfBase

/// One pass over one file by several threads, each of which calls ``run()``.
final class BlockWork: @unchecked Sendable {
    // Sendable: `reading` and `feeds` are touched only by the thread that is at a `take`, and there is one at a time; a
    // buffer only by those that its schedule has given it to. The rest is never changed.

    /// A block is one subtree of BLAKE3.
    static let blockSize = 1 << 19

    private let file: ReadableFile
    private let streams: DigestStreams
    private let reading: FileReadingState
    private let sharesTensors: Bool
    private let buffers: BlockBuffers
    private let cancellation: Cancellation
    private let layout: ParallelHasher.SharedLayoutReader
    private let schedule: Monitor<BlockSchedule>
    /// False: the file has become shorter.
    private let outcome = Locked<Result<Bool, ShelfError>>(.success(true))
    private var feeds = SHA256Feeds()

    init(
        _ file: ReadableFile, _ streams: DigestStreams, _ reading: FileReadingState, _ buffers: BlockBuffers,
        _ crew: ParallelHasher.Crew, _ cancellation: Cancellation, _ layout: @escaping ParallelHasher.SharedLayoutReader
    ) {
        self.file = file
        self.streams = streams
        self.reading = reading
        self.buffers = buffers
        sharesTensors = crew.sharesTensors
        self.cancellation = cancellation
        self.layout = layout
        schedule = Monitor(
            BlockSchedule(
                blocks: Self.count(of: file.size), buffers: buffers.count, mostReaders: crew.readers))
    }

    static func count(of size: Int64) -> Int {
        Int(size / Int64(blockSize) + (size % Int64(blockSize) == 0 ? 0 : 1))
    }

    /// After every thread has returned: false when the file has become shorter.
    func result() throws(ShelfError) -> Bool { try outcome.withLock { $0 }.get() }

    /// Works until everything is done or has failed.
    func run() {
        do throws(ShelfError) {
            while true {
                let step = schedule.wait { $0.next() }
                try cancellation.check()
                switch step {
                case .read(let number, let buffer):
                    guard let digests = try read(number, into: buffer) else { return stop(.success(false)) }
                    schedule.change { $0.didRead(.init(number: number, buffer: buffer, digests: digests)) }
                case .take(let block):
                    take(block)
                    schedule.change { $0.didTake(block) }
                case .tensors(let share):
                    share.run()
                    schedule.change { $0.didTensors(share) }
                case .end: return
                }
            }
        } catch {
            stop(.failure(error))
        }
    }

    /// The first outcome stands.
    private func stop(_ result: Result<Bool, ShelfError>) {
        outcome.withLock { if case .success(true) = $0 { $0 = result } }
        schedule.change { $0.stop() }
    }

    private func read(_ number: Int, into buffer: Int) throws(ShelfError) -> BlockDigests? {
        let offset = Int64(number) * Int64(Self.blockSize)
        let target = UnsafeMutableRawBufferPointer(rebasing: buffers[buffer][..<length(of: number)])
        guard try file.read(into: target, at: offset) == target.count else { return nil }
        return BlockDigests(UnsafeRawBufferPointer(target), at: offset, streams)
    }

    private func take(_ block: BlockSchedule.Block) {
        let bytes = UnsafeRawBufferPointer(rebasing: buffers[block.buffer][..<length(of: block.number)])
        var later = SHA256Feeds()
        reading.take(bytes, &feeds, afterHeader: &later, apart: block.digests, layout)
        if sharesTensors, !later.isEmpty {
            let share = TensorShare(later, buffer: block.buffer)
            schedule.change { $0.owe(share) }
        } else {
            feeds.append(later)
        }
        feeds.run()
    }

    private func length(of block: Int) -> Int {
        Int(min(Int64(Self.blockSize), file.size - Int64(block) * Int64(Self.blockSize)))
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
