/// What the threads that hash one file do next.
///
/// Every thread takes whatever is most urgent: the next block in order, for what needs the order; then the tensors of a
/// block, whose SHA-256 runs beside; then reading one more. So none of them waits while there is something to do, and a
/// block is mostly worked on by the core that has just read it.
struct BlockSchedule: Sendable {
    /// A block that lies in a buffer.
    struct Block: Sendable {
        let number: Int
        let buffer: Int
        /// What was computed when it was read.
        let digests: BlockDigests
    }

    enum Step: Sendable {
        /// Read a block into a buffer, and compute what needs no order; then ``didRead(_:)``.
        case read(block: Int, buffer: Int)
        /// Feed the block to what needs the order; then ``didTake(_:)``. Only one thread at a time is given one.
        case take(Block)
        /// Hash the tensors that ``owe(_:)`` has told of; then ``didTensors(_:)``. Only one thread at a time is given one.
        case tensors(TensorShare)
        case end
    }

    /// Blocks of the file.
    private let count: Int
    private let mostReaders: Int
    /// Buffers that nobody needs, the one that was used last at the end: it is still in a core's cache.
    private var free: [Int]
    /// How many threads need what is in each buffer.
    private var users: [Int]
    private var nextRead = 0
    private var readers = 0
    private var read: [Int: Block] = [:]
    private var nextTaken = 0
    private var isTaking = false
    private var owed: [TensorShare] = []
    private var isAtTensors = false
    private var isStopped = false

    init(blocks count: Int, buffers: Int, mostReaders: Int) {
        self.count = count
        self.mostReaders = max(1, mostReaders)
        free = Array((0..<max(1, buffers)).reversed())
        users = Array(repeating: 0, count: max(1, buffers))
    }

    /// Nil: there is nothing to do until somebody else has done what he is at.
    mutating func next() -> Step? {
        if isStopped || nextTaken == count && owed.isEmpty { return .end }
        if !isTaking, let block = read.removeValue(forKey: nextTaken) {
            isTaking = true
            return .take(block)
        }
        if !isAtTensors, let share = owed.first {
            owed.removeFirst()
            isAtTensors = true
            return .tensors(share)
        }
        if nextRead < count, readers < mostReaders, let buffer = free.popLast() {
            defer { nextRead += 1 }
            readers += 1
            users[buffer] = 1
            return .read(block: nextRead, buffer: buffer)
        }
        return nil
    }

    mutating func didRead(_ block: Block) {
        readers -= 1
        read[block.number] = block
    }

    /// The thread that takes a block leaves the block's tensors to whoever is free.
    mutating func owe(_ share: TensorShare) {
        users[share.buffer] += 1
        owed.append(share)
    }

    mutating func didTake(_ block: Block) {
        isTaking = false
        nextTaken += 1
        release(block.buffer)
    }

    mutating func didTensors(_ share: TensorShare) {
        isAtTensors = false
        release(share.buffer)
    }

    /// From now on there is nothing to do.
    mutating func stop() { isStopped = true }

    private mutating func release(_ buffer: Int) {
        users[buffer] -= 1
        if users[buffer] == 0 { free.append(buffer) }
    }
}

/// The SHA-256 of the tensors in one block, which another thread may compute than the one that takes the block.
final class TensorShare: @unchecked Sendable {
    // Sendable: it is handed on under a lock, and only who has it runs it; the next one is given out after that.
    let buffer: Int
    private var feeds: SHA256Feeds

    init(_ feeds: SHA256Feeds, buffer: Int) {
        self.feeds = feeds
        self.buffer = buffer
    }

    func run() { feeds.run() }
}
