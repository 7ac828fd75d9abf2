public import ShelfBase
internal import Synchronization

/// Hashes many files with all the threads it may use.
///
/// On solid state and in memory many files fill the lanes of every core, and few large ones are spread over the cores.
/// On a disk that turns and over a network files are read one at a time and in one piece, whatever the number of
/// threads: the way of the head, or of the answer, costs more than all arithmetic.
public enum HashRun {
    /// How the work is to be done.
    public struct Options: Sendable {
        /// More threads than any machine has use for.
        public static let mostJobs = 1024

        /// Threads that compute, 1 to ``mostJobs``.
        public let jobs: Int
        /// Whether samples are wanted.
        public var sampling: Bool
        /// With the lowest priority for processor and disk.
        public var isBackground: Bool

        public init(jobs: Int, sampling: Bool = false, isBackground: Bool = false) {
            self.jobs = min(max(1, jobs), Self.mostJobs)
            self.sampling = sampling
            self.isBackground = isBackground
        }
    }

    /// Tells what the file at a path lies on, whose device has that number.
    public typealias KindReader = @Sendable (UInt64, FilePath) -> StorageKind

    /// Hands the result of every path to `report` with its place in `paths`, in any order and from any of the threads;
    /// returns when all are reported.
    ///
    /// `devices` are the device numbers of the files where they are known, in the order of `paths`. Buffers take at
    /// most 1 MiB per thread, or 32 MiB where several threads work on one file.
    public static func hash(
        _ paths: [FilePath], devices: [UInt64?] = [], kind: KindReader = StorageKind.of, _ streams: DigestStreams,
        _ options: Options, cancellation: Cancellation, counter: ByteCounter? = nil,
        layout: @escaping @Sendable (ReadableFile, UnsafeRawBufferPointer) -> TensorLayout?,
        report: @escaping @Sendable (Int, Result<HashedFile, ShelfError>) -> Void
    ) {
        let queues = StorageQueues(paths, devices, kind: kind)
        let work = Work(
            streams: streams, options: options, cancellation: cancellation, counter: counter, layout: layout,
            report: report)
        let slow = queues.oneAtATime.map { queue in (queue, options.jobs) }
        let workers = min(options.jobs, queues.together.count, OpenFileBudget.shared.limit)
        let pool = WorkerPool(threads: workers + slow.count, isBackground: options.isBackground)
        for (queue, threads) in slow {
            pool.submit { work.oneByOne(queue, threads: threads, buffers: 8, readers: 1) }
        }
        if workers > 0 {
            let threads = options.jobs / workers
            for _ in 0..<workers {
                pool.submit {
                    if threads > 1 {
                        work.oneByOne(
                            queues.together, threads: threads, buffers: ParallelHasher.mostBuffers / workers,
                            readers: .max)
                    } else {
                        work.several(queues.together, atOnce: (queues.together.count + workers - 1) / workers)
                    }
                }
            }
        }
        pool.finish()
    }

    private struct Work: Sendable {
        let streams: DigestStreams
        let options: Options
        let cancellation: Cancellation
        let counter: ByteCounter?
        let layout: @Sendable (ReadableFile, UnsafeRawBufferPointer) -> TensorLayout?
        let report: @Sendable (Int, Result<HashedFile, ShelfError>) -> Void

        /// Several files side by side on this thread.
        func several(_ queue: PathQueue, atOnce files: Int) {
            do throws(ShelfError) {
                let hasher = try BatchHasher(streams, files: files, sampling: options.sampling)
                hasher.hash(
                    cancellation: cancellation, counter: counter, layout: layout, next: queue.next, report: report)
            } catch {
                while let (index, _) = queue.next() { report(index, .failure(error)) }
            }
        }

        /// One file after another, each by several threads.
        func oneByOne(_ queue: PathQueue, threads: Int, buffers: Int, readers: Int) {
            while let (index, path) = queue.next() {
                report(
                    index,
                    Result { () throws(ShelfError) in
                        try ParallelHasher.hash(
                            path, streams, threads: threads, buffers: buffers, readers: readers,
                            sampling: options.sampling, cancellation: cancellation, counter: counter,
                            isBackground: options.isBackground, layout: layout)
                    })
            }
        }
    }
}

/// Paths that several threads take from, each with its place in the list that was asked for.
final class PathQueue: Sendable {
    private let items: [(Int, FilePath)]
    private let taken = Atomic<Int>(0)

    init(_ items: [(Int, FilePath)]) { self.items = items }

    var count: Int { items.count }

    func next() -> (Int, FilePath)? {
        let index = taken.add(1, ordering: .relaxed).oldValue
        return index < items.count ? items[index] : nil
    }
}

/// The files of a run by what their devices bear.
struct StorageQueues {
    /// Files that any number of threads may read at the same time.
    let together: PathQueue
    /// Files that are read one after another, a queue for each device.
    let oneAtATime: [PathQueue]

    init(_ paths: [FilePath], _ devices: [UInt64?], kind: (UInt64, FilePath) -> StorageKind = StorageKind.of) {
        var together: [(Int, FilePath)] = []
        var slow: [UInt64: [(Int, FilePath)]] = [:]
        var kinds: [UInt64: StorageKind] = [:]
        for (index, path) in paths.enumerated() {
            let device: UInt64?
            if index < devices.count {
                device = devices[index]
            } else if case .success(let identity) = FileIdentity.of(path) {
                device = identity.device
            } else {
                device = nil
            }
            // A file that is not there is told so by whoever opens it.
            guard let device else {
                together.append((index, path))
                continue
            }
            let known = kinds[device] ?? kind(device, path)
            kinds[device] = known
            if known.bearsSeveralReaders {
                together.append((index, path))
            } else {
                slow[device, default: []].append((index, path))
            }
        }
        self.together = PathQueue(together)
        oneAtATime = slow.sorted { $0.key < $1.key }.map { PathQueue($0.value) }
    }
}
