import Glibc
import ShelfBase
import ShelfTestSupport
import Testing

@testable import ShelfHashing

@Suite struct FileHasherTests {
    private func outcome(
        _ path: FilePath, _ cancellation: Cancellation = Cancellation(), _ counter: ByteCounter? = nil,
        opened: (ReadableFile) -> Void = { _ in }
    ) -> Result<HashedFile, ShelfError> {
        Result { () throws(ShelfError) in
            try FileHasher(.scan).hash(path, cancellation: cancellation, counter: counter) { file, _ in
                opened(file)
                return nil
            }
        }
    }

    @Test func filesGiveWhatTheirBytesGive() throws {
        try Folder.use { folder in
            for item in try Vectors.cases() {
                let path = try folder.write(item.id, item.bytes)
                let hasher = try FileHasher(.scan)
                let counter = ByteCounter()
                let hashed = try hasher.hash(path, cancellation: Cancellation(), counter: counter) { _, _ in
                    item.layout
                }
                #expect(hashed.digests.text(.sha256) == item.expect["sha256"]?.string, "\(item.id)")
                #expect(hashed.digests.text(.autoV3) == item.expect["civitai"]?["AutoV3_site"]?.string, "\(item.id)")
                #expect(hashed.identity.size == Int64(item.bytes.count))
                #expect(counter.value == Int64(item.bytes.count))
                let again = item.bytes.withUnsafeBytes { hasher.hash($0, layout: item.layout) }
                #expect(again.0 == hashed.digests, "\(item.id)")
                #expect(again.sample == hashed.sample, "\(item.id)")
            }
        }
    }

    @Test func aFileThatChangesOnceIsReadAgain() throws {
        try Folder.use { folder in
            let path = try folder.write("f", Vectors.noise(seed: 1, count: 100_000))
            let changed = Vectors.noise(seed: 2, count: 50_000)
            var opened = 0
            let counter = ByteCounter()
            let hashed = try outcome(path, Cancellation(), counter) { _ in
                opened += 1
                if opened == 1 { _ = try? folder.write("f", changed) }
            }.get()
            #expect(opened == 2)
            #expect(hashed.digests.sha256 == (try MessageDigest.sha256(of: changed)))
            #expect(counter.value == 50_000)
        }
    }

    @Test(arguments: [10, 100_000, 3_000_000])
    func aFileThatAlwaysChangesIsRefused(size: Int) throws {
        try Folder.use { folder in
            let path = try folder.write("f", Vectors.noise(seed: 1, count: 100_000))
            var opened = 0
            let counter = ByteCounter()
            let result = outcome(path, Cancellation(), counter) { _ in
                opened += 1
                _ = try? folder.write("f", [UInt8](repeating: UInt8(opened), count: size + opened))
            }
            #expect(throws: ShelfError.self) { try result.get() }
            if case .failure(let error) = result { #expect(error.code == .fileChanged) }
            #expect(opened == FileHasher.attempts)
            #expect(counter.value == 0)
        }
    }

    /// Whatever a writer does meanwhile, a digest that is given is one of a state that the file had.
    @Test func aWriterAtWork() throws {
        try Folder.use { folder in
            let states = (0..<4).map { Vectors.noise(seed: UInt64(20 + $0), count: 2_500_000 + 300_000 * $0) }
            let digests = Set(try states.map { try MessageDigest.sha256(of: $0) })
            let path = try folder.write("f", states[0])
            let stop = Cancellation()
            let writer = try #require(
                ThreadHandle.start {
                    var round = 0
                    while !stop.isCancelled {
                        round += 1
                        // Half of the changes replace the file, half of them write over it.
                        let state = states[round % states.count]
                        if round.isMultiple(of: 2) {
                            _ = try? folder.write("new", state)
                            try? folder.move("new", to: "f")
                        } else {
                            _ = try? folder.write("f", state)
                        }
                        Clock.sleep(milliseconds: Int64(round % 7))
                    }
                })
            defer {
                stop.cancel()
                writer.join()
            }
            for _ in 0..<30 {
                switch outcome(path) {
                case .success(let hashed):
                    let known = try #require(hashed.digests.sha256)
                    // A state may be short of its end while it is written, but then the file was as short as that.
                    let isState = digests.contains(known)
                    let isPart = try states.contains { state in
                        let size = Int(hashed.digests.size)
                        guard size < state.count else { return false }
                        return try MessageDigest.sha256(of: Array(state.prefix(size))) == known
                    }
                    #expect(isState || isPart)
                case .failure(let error): #expect(error.code == .fileChanged)
                }
            }
        }
    }

    @Test func cancelledBeforeAndBetweenBlocks() throws {
        try Folder.use { folder in
            let path = try folder.write("f", Vectors.noise(seed: 1, count: 3 << 20))
            let cancellation = Cancellation()
            let counter = ByteCounter()
            let result = outcome(path, cancellation, counter) { _ in cancellation.cancel() }
            if case .failure(let error) = result {
                #expect(error.code == .cancelled)
            } else {
                Issue.record("not cancelled")
            }
            #expect(counter.value == 0)
            if case .failure(let error) = outcome(path, cancellation) { #expect(error.code == .cancelled) }
        }
    }

    @Test func aHasherGoesOnAfterAFailure() throws {
        try Folder.use { folder in
            let good = try folder.write("good", "hello world")
            let hasher = try FileHasher(.scan)
            for bad in [folder["none"], folder.path, try folder.makeFIFO("pipe")] {
                #expect(throws: ShelfError.self) { try hasher.hash(bad, cancellation: Cancellation()) { _, _ in nil } }
                let hashed = try hasher.hash(good, cancellation: Cancellation()) { _, _ in nil }
                #expect(hashed.digests.text(.autoV2) == "B94D27B993")
            }
        }
    }
}
