import ShelfBase
import ShelfTestSupport
import Testing

@testable import ShelfHashing

@Suite struct StorageQueuesTests {
    private func drain(_ queue: PathQueue) -> [Int] {
        var numbers: [Int] = []
        while let (number, _) = queue.next() { numbers.append(number) }
        return numbers
    }

    @Test func slowDevicesHaveAQueueOfTheirOwn() {
        let paths = (0..<7).map { FilePath("f\($0)") }
        let queues = StorageQueues(paths, [1, 2, nil, 3, 2, 1, 3]) { device, _ in
            [1: StorageKind.solid, 2: .rotating, 3: .network][device] ?? .solid
        }
        #expect(drain(queues.together) == [0, 2, 5])
        #expect(queues.oneAtATime.map(drain) == [[1, 4], [3, 6]])
    }

    @Test func devicesThatAreNotToldAreLookedFor() throws {
        try Folder.use { folder in
            let path = try folder.write("f", "x")
            let queues = StorageQueues([path, folder["none"]], []) { _, _ in .rotating }
            #expect(queues.oneAtATime.map(drain) == [[0]])
            #expect(drain(queues.together) == [1])
        }
    }

    /// Files on a disk that turns and files on others give the same digests, each once.
    @Test(arguments: [1, 2, 4]) func theQueuesRunSideBySide(jobs: Int) throws {
        try Folder.use { folder in
            let paths = try (0..<12).map {
                try folder.write("f\($0)", Vectors.noise(seed: UInt64($0), count: $0 == 3 ? 9_000_000 : 1000 * $0))
            }
            let results = Locked<[Int: [UInt8]]>([:])
            let reader: HashRun.KindReader = { device, _ in device == 2 ? .network : .solid }
            HashRun.hash(
                paths, devices: (0..<12).map { $0 % 2 == 0 ? 1 : 2 }, kind: reader, .scan, HashRun.Options(jobs: jobs),
                cancellation: Cancellation(), layout: { _, _ in nil }
            ) { index, result in
                results.withLock { $0[index] = $0[index] == nil ? (try? result.get())?.digests.sha256 : [] }
            }
            for (index, path) in paths.enumerated() {
                let wanted = try FileHasher(.scan).hash(path, cancellation: Cancellation()) { _, _ in nil }
                #expect(results.withLock { $0[index] } == wanted.digests.sha256)
            }
        }
    }

    @Test func crews() {
        #expect(ParallelHasher.Crew(.scan, threads: 8) == .init(readers: 8, shares: true))
        #expect(ParallelHasher.Crew(.scan, threads: 2) == .init(readers: 2, shares: true))
        #expect(ParallelHasher.Crew(.scan, threads: 8, isBackground: true) == .init(readers: 8, shares: false))
        #expect(ParallelHasher.Crew(.scan, threads: 8, mostReaders: 1) == .init(readers: 1, shares: true))
        #expect(ParallelHasher.Crew(.whole, threads: 4) == .init(readers: 4, shares: false))
        #expect(ParallelHasher.Crew([.blake3, .crc32], threads: 4) == .init(readers: 4, shares: false))
        #expect(ParallelHasher.Crew(.scan, threads: 1) == .init(readers: 1, shares: false))
    }
}

extension ParallelHasher.Crew {
    fileprivate init(readers: Int, shares: Bool) {
        self.init([], threads: 1)
        self.readers = readers
        sharesTensors = shares
    }
}
