import ShelfBase
import ShelfTestSupport
import Testing

@testable import ShelfHashing

@Suite struct FileSampleTests {
    private func collected(_ bytes: [UInt8], block: Int) throws -> [UInt8] {
        let collector = SampleCollector()
        collector.reset(size: Int64(bytes.count), head: bytes.prefix(8))
        bytes.withUnsafeBytes { all in
            for start in stride(from: 0, to: bytes.count, by: block) {
                let end = min(start + block, bytes.count)
                collector.add(UnsafeRawBufferPointer(rebasing: all[start..<end]), at: Int64(start))
            }
        }
        return collector.finish()
    }

    private func header(_ length: Int, _ bytes: [UInt8]) -> [UInt8] {
        (0..<8).map { UInt8(truncatingIfNeeded: length >> ($0 * 8)) } + bytes.dropFirst(8)
    }

    @Test func readOrCollectedItIsTheSame() throws {
        try Folder.use { folder in
            let noise = Vectors.noise(seed: 7, count: 3 << 20)
            var contents: [[UInt8]] = [0, 1, 7, 8, 9, 4096, 65_536, 131_072, 131_073, 131_080, 1 << 20, 3 << 20].map {
                Array(noise.prefix($0))
            }
            contents += [0, 100, 70_000, (3 << 20) - 8, (3 << 20) - 7, 1 << 24, (1 << 24) + 1].map { header($0, noise) }
            for bytes in contents {
                let file = try ReadableFile(try folder.write("f", bytes))
                let read = try FileSample.read(file)
                #expect(read.count == 32)
                for block in [1 << 20, 4097, 65_536, 8 << 20] {
                    #expect(try collected(bytes, block: block) == read, "\(bytes.count) bytes in blocks of \(block)")
                }
                let hashed = try FileHasher(.whole).hash(file.path, cancellation: Cancellation()) { _, _ in nil }
                #expect(hashed.sample == read)
            }
        }
    }

    @Test func everySampledByteCounts() throws {
        var bytes = header(1000, Vectors.noise(seed: 8, count: 400_000))
        let ranges = FileSample.ranges(size: Int64(bytes.count), head: bytes.prefix(8))
        #expect(ranges.count == 17)
        #expect(ranges.first == 0..<1008)
        #expect(ranges.last?.upperBound ?? 0 <= Int64(bytes.count))
        #expect(zip(ranges, ranges.dropFirst()).allSatisfy { $0.upperBound <= $1.lowerBound })
        let whole = try collected(bytes, block: 1 << 20)
        for range in ranges {
            for place in [Int(range.lowerBound), Int(range.upperBound) - 1] where place > 7 {
                bytes[place] ^= 1
                #expect(try collected(bytes, block: 1 << 20) != whole, "byte \(place)")
                bytes[place] ^= 1
            }
        }
        let unsampled = try #require((1008..<400_000).first { place in !ranges.contains { $0.contains(Int64(place)) } })
        bytes[unsampled] ^= 1
        #expect(try collected(bytes, block: 1 << 20) == whole)
    }

    @Test func aSmallFileIsCoveredWhole() throws {
        for size in [1, 8, 1000, 65_536, 131_072] {
            var bytes = Vectors.noise(seed: 9, count: size)
            let before = try collected(bytes, block: 1 << 20)
            for place in [0, size / 2, size - 1] {
                bytes[place] ^= 0x80
                #expect(try collected(bytes, block: 1 << 20) != before, "byte \(place) of \(size)")
                bytes[place] ^= 0x80
            }
        }
    }

    @Test func theSizeCounts() throws {
        let noise = Vectors.noise(seed: 10, count: 300_001)
        let whole = try collected(noise, block: 4096)
        #expect(try collected(Array(noise.prefix(300_000)), block: 4096) != whole)
        let one = try collected([0], block: 1)
        #expect(try collected([0, 0], block: 1) != one)
    }

    @Test func aFileThatShrinksIsSaid() throws {
        try Folder.use { folder in
            let file = try ReadableFile(try folder.write("f", Vectors.noise(seed: 1, count: 200_000)))
            try folder.write("f", [1, 2, 3])
            let error = failure { () throws(ShelfError) in _ = try FileSample.read(file) }
            #expect(error?.code == .fileChanged)
        }
    }
}
