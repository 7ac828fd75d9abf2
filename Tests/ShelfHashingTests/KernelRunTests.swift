import ShelfBase
import ShelfTestSupport
import Testing

@testable import ShelfHashing

/// Files hashed several at once or by several threads give what one file alone gives.
@Suite struct KernelRunTests {
    private static let everything = DigestStreams(for: HashAlgorithm.allCases)

    @Sendable private static func layout(_ file: ReadableFile, _ head: UnsafeRawBufferPointer) -> TensorLayout? {
        file.size > 20 ? TensorLayout(dataOffset: 17) : nil
    }

    private func run(
        _ paths: [FilePath], _ streams: DigestStreams, jobs: Int, cancellation: Cancellation = Cancellation(),
        counter: ByteCounter? = nil
    ) -> [Result<HashedFile, ShelfError>?] {
        let results = Locked<[Result<HashedFile, ShelfError>?]>(Array(repeating: nil, count: paths.count))
        HashRun.hash(
            paths, streams, HashRun.Options(jobs: jobs, sampling: true), cancellation: cancellation, counter: counter,
            layout: Self.layout
        ) { index, result in results.withLock { $0[index] = result } }
        return results.withLock { $0 }
    }

    @Test(arguments: [1, 2, 3, 8]) func manyFilesOfEverySize(jobs: Int) throws {
        try Folder.use { folder in
            let sizes = [0, 1, 8, 63, 64, 65, 1024, 65535, 65536, 65537, 131_072, 200_001, 1_048_576, 1_200_000]
            let paths = try sizes.enumerated().map { index, size in
                try folder.write("f\(index)", Vectors.noise(seed: UInt64(index), count: size))
            }
            let counter = ByteCounter()
            let found = run(paths, Self.everything, jobs: jobs, counter: counter)
            let hasher = try FileHasher(Self.everything)
            for (path, result) in zip(paths, found) {
                let wanted = try hasher.hash(path, cancellation: Cancellation()) { Self.layout($0, $1) }
                let got = try #require(try result?.get())
                #expect(got.digests == wanted.digests)
                #expect(got.sample == wanted.sample)
            }
            #expect(counter.value == Int64(sizes.reduce(0, +)))
        }
    }

    @Test(arguments: [DigestStreams.scan, [.blake3, .crc32], .whole]) func oneLargeFile(streams: DigestStreams) throws {
        try Folder.use { folder in
            for size in [8 << 20, (8 << 20) + 1, (9 << 20) + 524_288 + 77] {
                let path = try folder.write("large", Vectors.noise(seed: 5, count: size))
                let wanted = try FileHasher(streams).hash(path, cancellation: Cancellation()) { _, _ in
                    TensorLayout(dataOffset: 1001)
                }
                for threads in [2, 5] {
                    let got = try ParallelHasher.hash(
                        path, streams, threads: threads, sampling: true, cancellation: Cancellation()
                    ) { _, _ in TensorLayout(dataOffset: 1001) }
                    #expect(got.digests == wanted.digests)
                    #expect(got.sample == wanted.sample)
                }
            }
        }
    }

    @Test func whatCannotBeReadFailsAlone() throws {
        try Folder.use { folder in
            let good = try folder.write("good", "hello world")
            for jobs in [1, 2, 9] {
                let found = run([folder["none"], good, folder.path, good], .scan, jobs: jobs)
                #expect(try found[1]?.get().digests.text(.autoV2) == "B94D27B993")
                #expect(try found[3]?.get().digests.text(.autoV2) == "B94D27B993")
                for index in [0, 2] {
                    guard case .failure? = found[index] else {
                        Issue.record("\(index) did not fail")
                        continue
                    }
                }
            }
        }
    }

    @Test(arguments: [1, 4]) func aFileThatHidesItsSizeIsRefused(jobs: Int) throws {
        let maps = FilePath("/proc/self/maps")
        for result in run([maps, maps], .scan, jobs: jobs) {
            #expect(throws: ShelfError.self) { try result?.get() }
        }
    }

    @Test func cancelledRunsReportEveryFile() throws {
        try Folder.use { folder in
            let paths = try (0..<40).map { try folder.write("f\($0)", Vectors.noise(seed: 1, count: 70_000)) }
            let cancellation = Cancellation()
            cancellation.cancel()
            let counter = ByteCounter()
            for result in run(paths, .scan, jobs: 2, cancellation: cancellation, counter: counter) {
                guard case .failure(let error)? = result else {
                    Issue.record("not cancelled")
                    continue
                }
                #expect(error.code == .cancelled)
            }
            #expect(counter.value == 0)
        }
    }

    /// A process may have few files open, and other threads have some of them.
    @Test(arguments: [1, 2, 5, 100]) func noMoreFilesAreOpenThanThereIsRoomFor(limit: Int) throws {
        try Folder.use { folder in
            let paths = try (0..<40).map {
                try folder.write("f\($0)", Vectors.noise(seed: 1, count: 100_000 * ($0 % 3)))
            }
            let budget = OpenFileBudget(limit: limit)
            // Somebody else's: one of its own is left to every hasher even so.
            for _ in 0..<3 { _ = budget.take(must: true) }
            let hasher = try BatchHasher(.whole, files: 16, sampling: false, budget: budget)
            var begun = 0
            var ended = 0
            hasher.hash(
                cancellation: Cancellation(), layout: { _, _ in nil },
                next: {
                    guard begun < 50 else { return nil }
                    #expect(begun - ended < max(1, min(16, limit - 3)))
                    defer { begun += 1 }
                    return (begun, begun < paths.count ? paths[begun] : folder["none"])
                },
                report: { _, _ in ended += 1 })
            #expect(ended == 50)
            // Everything was given back: there is room for as many as before.
            #expect((0..<max(0, limit - 3)).allSatisfy { _ in budget.take(must: false) })
            #expect(!budget.take(must: false))
        }
    }
}
