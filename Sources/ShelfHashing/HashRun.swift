public import ShelfBase

/// Hashes many files with all the threads it may use: many files fill the lanes of every core, few large ones are
/// spread over the cores.
public enum HashRun {
    /// Hands the result of every path to `report` with its place in `paths`, in any order and from any of the threads;
    /// returns when all are reported.
    ///
    /// Buffers take at most 1 MiB per thread, or 32 MiB where several threads work on one file.
    public static func hash(
        _ paths: [FilePath], _ streams: DigestStreams, jobs: Int, sampling: Bool, cancellation: Cancellation,
        counter: ByteCounter? = nil, tensorOffset: @escaping @Sendable (ReadableFile) -> Int64?,
        report: @escaping @Sendable (Int, Result<HashedFile, ShelfError>) -> Void
    ) {
        guard !paths.isEmpty else { return }
        let workers = max(1, min(jobs, paths.count))
        let queue = Mailbox<(Int, FilePath)>()
        for item in paths.enumerated() { queue.post((item.offset, item.element)) }
        queue.close()
        let hashSeveral: @Sendable () -> Void = {
            do throws(ShelfError) {
                let hasher = try BatchHasher(
                    streams, files: (paths.count + workers - 1) / workers, sampling: sampling)
                hasher.hash(
                    cancellation: cancellation, counter: counter, tensorOffset: tensorOffset,
                    next: { queue.receive(milliseconds: 0) }, report: report)
            } catch {
                while let (index, _) = queue.receive(milliseconds: 0) { report(index, .failure(error)) }
            }
        }
        let hashOneByOne: @Sendable () -> Void = {
            while let (index, path) = queue.receive(milliseconds: 0) {
                report(
                    index,
                    Result { () throws(ShelfError) in
                        try ParallelHasher.hash(
                            path, streams, threads: jobs / workers, buffers: ParallelHasher.mostBuffers / workers,
                            sampling: sampling, cancellation: cancellation, counter: counter, tensorOffset: tensorOffset
                        )
                    })
            }
        }
        let pool = WorkerPool(threads: workers)
        for _ in 0..<workers { pool.submit(jobs / workers > 1 ? hashOneByOne : hashSeveral) }
        pool.finish()
    }
}
