public import ShelfBase

/// Hashes one large file with several threads.
///
/// They take blocks in turn and compute what needs no order (BLAKE3's subtrees, CRC-32). What needs it is done by one
/// of them at a time, and the SHA-256 of the tensors by another one: side by side on one core each of the two SHA-256
/// would take longer.
public enum ParallelHasher {
    /// Reads the layout of a file on whichever thread gets its first block.
    public typealias SharedLayoutReader =
        @Sendable (_ file: ReadableFile, _ head: UnsafeRawBufferPointer) -> TensorLayout?

    /// Blocks that a process should have in memory: 32 MiB.
    public static let mostBuffers = 64
    /// A smaller file is done before the threads have started.
    static let worthIt: Int64 = 8 << 20

    /// What the threads may do side by side.
    struct Crew: Equatable {
        var readers: Int
        var sharesTensors: Bool

        /// In the background both SHA-256 stay on one thread: that takes longer, but less of the processor.
        init(_ streams: DigestStreams, threads: Int, mostReaders: Int = .max, isBackground: Bool = false) {
            let afterHeader: DigestStreams = [.tensors, .afterHeader]
            sharesTensors =
                threads > 1 && !isBackground && streams.contains(.whole) && !streams.isDisjoint(with: afterHeader)
            readers = max(1, min(mostReaders, threads))
        }
    }

    /// `threads`: how many work on it, the calling one included. `buffers`: how many blocks it may hold. `readers`: how
    /// many may read at the same time.
    public static func hash(
        _ path: FilePath, _ streams: DigestStreams, threads: Int, buffers: Int = mostBuffers, readers: Int = .max,
        sampling: Bool, cancellation: Cancellation, counter: ByteCounter? = nil, isBackground: Bool = false,
        layout: @escaping SharedLayoutReader
    ) throws(ShelfError) -> HashedFile {
        let crew = Crew(streams, threads: threads, mostReaders: readers, isBackground: isBackground)
        let reading = try FileReadingState(streams, sampling: sampling, blockSize: FileHasher.blockSize)
        // One that it reads and one that it waits to have taken for each, and a few that wait for both SHA-256.
        let useful = 2 * threads + 4
        let buffers = BlockBuffers(count: max(2, min(buffers, useful)), size: BlockWork.blockSize)
        for _ in 0..<FileHasher.attempts {
            let file = try ReadableFile(path)
            reading.start(file, counter)
            defer { reading.stop() }
            let isWhole: Bool
            if file.size >= worthIt && threads > 1 {
                let work = BlockWork(file, streams, reading, buffers, crew, cancellation, layout)
                let others = min(threads, BlockWork.count(of: file.size)) - 1
                isWhole = try pass(work, others: others, isBackground)
            } else {
                isWhole = try reading.readAll(cancellation, layout)
            }
            if isWhole, let hashed = reading.finish() { return hashed }
        }
        throw FileReadingState.changed(path)
    }

    /// One read of a file by this thread and others; false when the file has become shorter.
    private static func pass(_ work: BlockWork, others: Int, _ isBackground: Bool) throws(ShelfError) -> Bool {
        let pool = WorkerPool(threads: others, isBackground: isBackground)
        // Without a thread to be had this one does it all.
        for _ in 0..<pool.count { pool.submit { work.run() } }
        work.run()
        pool.finish()
        return try work.result()
    }
}
