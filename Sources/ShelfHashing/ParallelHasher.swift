public import ShelfBase

/// Hashes one large file with several threads.
///
/// Readers take blocks in turn and compute what needs no order (BLAKE3's subtrees, CRC-32). The calling thread takes the
/// blocks in order for the rest, and leaves the SHA-256 of the tensors to a thread of their own: side by side on one
/// core each of the two would take longer.
public enum ParallelHasher {
    /// Blocks that a process should have in memory: 32 MiB.
    public static let mostBuffers = 64
    /// A smaller file is done before the threads have started.
    static let worthIt: Int64 = 8 << 20

    /// How many threads do what, besides the calling one.
    struct Crew: Equatable {
        var readers: Int
        var helpsWithTensors: Bool

        /// In the background both SHA-256 stay on one thread: that takes longer, but less of the processor.
        init(_ streams: DigestStreams, threads: Int, mostReaders: Int = .max, isBackground: Bool = false) {
            let afterHeader: DigestStreams = [.tensors, .afterHeader]
            helpsWithTensors =
                threads > 1 && !isBackground && streams.contains(.whole) && !streams.isDisjoint(with: afterHeader)
            // Without anything sequential the calling thread only puts the parts together, and waits most of the time.
            let busy = streams.isDisjoint(with: .sequential) ? 0 : helpsWithTensors ? 2 : 1
            readers = max(1, min(mostReaders, threads - busy))
        }
    }

    /// `threads`: how many work on it, the calling one included. `buffers`: how many blocks it may hold. `readers`: how
    /// many may read at the same time.
    public static func hash(
        _ path: FilePath, _ streams: DigestStreams, threads: Int, buffers: Int = mostBuffers, readers: Int = .max,
        sampling: Bool, cancellation: Cancellation, counter: ByteCounter? = nil, isBackground: Bool = false,
        layout: LayoutReader
    ) throws(ShelfError) -> HashedFile {
        let crew = Crew(streams, threads: threads, mostReaders: readers, isBackground: isBackground)
        let reading = try FileReadingState(streams, sampling: sampling, blockSize: FileHasher.blockSize)
        let useful = 2 * crew.readers + (crew.helpsWithTensors ? 6 : 2)
        let buffers = BlockBuffers(count: max(2, min(buffers, useful)), size: BlockReader.blockSize)
        for _ in 0..<FileHasher.attempts {
            let file = try ReadableFile(path)
            reading.start(file, counter)
            defer { reading.stop() }
            let isWhole =
                file.size >= worthIt && threads > 1
                ? try pass(
                    file, reading, BlockReader(file, streams, buffers), crew, cancellation, isBackground, layout)
                : try reading.readAll(cancellation, layout)
            if isWhole, let hashed = reading.finish() { return hashed }
        }
        throw FileReadingState.changed(path)
    }

    /// One read of a file; false when it has become shorter.
    private static func pass(
        _ file: ReadableFile, _ reading: FileReadingState, _ blocks: BlockReader, _ crew: Crew,
        _ cancellation: Cancellation, _ isBackground: Bool, _ layout: LayoutReader
    ) throws(ShelfError) -> Bool {
        let pool = WorkerPool(threads: crew.readers, isBackground: isBackground)
        guard pool.count > 0 else { return try reading.readAll(cancellation, layout) }
        let second = crew.helpsWithTensors ? WorkerPool(threads: 1, isBackground: isBackground) : nil
        /// Buffers that the second thread needs no more.
        let released = Mailbox<Int>()
        defer {
            blocks.close()
            pool.finish()
            second?.finish()
        }
        for _ in 0..<crew.readers { pool.submit { blocks.work() } }
        for buffer in 0..<blocks.buffers.count { blocks.refill(buffer) }
        var feeds = SHA256Feeds()
        for block in 0..<blocks.count {
            if blocks.isStarved(before: block) {
                for buffer in released.receiveAll(milliseconds: -1) { blocks.refill(buffer) }
            }
            let next = blocks.next(block)
            try cancellation.check()
            guard let digests = try next.result.get() else { return false }
            var later = SHA256Feeds()
            reading.take(blocks.bytes(of: next), &feeds, afterHeader: &later, apart: digests, layout)
            guard let second, !later.isEmpty else {
                feeds.append(later)
                feeds.run()
                blocks.refill(next.buffer)
                continue
            }
            let share = Share(later)
            let buffer = next.buffer
            second.submit {
                share.run()
                // This thread may still be at it; it fills the buffer again only when it looks here, which is after.
                released.post(buffer)
            }
            feeds.run()
            for buffer in released.receiveAll(milliseconds: 0) { blocks.refill(buffer) }
        }
        return true
    }
}

/// SHA-256 that another thread computes.
private final class Share: @unchecked Sendable {
    // Sendable: from when it is submitted until that thread has finished, nobody else touches the streams in it.
    private var feeds: SHA256Feeds

    init(_ feeds: SHA256Feeds) { self.feeds = feeds }

    func run() { feeds.run() }
}
