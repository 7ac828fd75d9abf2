import CHashKernels
import CZlib
import ShelfBase
import ShelfHashing
import Testing

/// Every kernel against libcrypto, zlib and BLAKE3's own implementation. The choice of kernels is the process's: each
/// gives the same digests, so tests that run beside these do not mind.
@Suite(.serialized) struct KernelTests {
    #if arch(x86_64)
    static let masks = ["portable", "sse41,pclmul", "avx2", "avx512,vpclmul", "shani", ""]
    #else
    static let masks = ["portable", "neon", "sha2", "crc", ""]
    #endif
    static let bytes = Vectors.noise(seed: 42, count: 1 << 20)

    /// The input of BLAKE3's official vectors.
    static let pattern: [UInt8] = {
        let period = (0..<251).map { UInt8($0) }
        var bytes: [UInt8] = []
        while bytes.count < 4 << 20 { bytes += period }
        return bytes
    }()

    /// The lengths around every boundary that a kernel knows.
    static let lengths: [Int] = {
        let edges = [0, 16, 55, 64, 119, 128, 256, 512, 1024, 2048, 3072, 8192, 16384, 17408, 65536]
        return edges.flatMap { edge in [-1, 0, 1].map { edge + $0 } }.filter { $0 >= 0 } + [270_001]
    }()

    /// Made with the `blake3` package of PyPI.
    private static func vectors() throws -> JSONValue {
        let tests = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(2).joined(separator: "/")
        let file = try ReadableFile(FilePath("\(tests)/Vectors/blake3.json"))
        return try JSONValue.parse(try file.bytes(at: 0, count: Int(file.size)))
    }

    private func withMask(_ mask: String, _ body: () throws -> Void) rethrows {
        shelf_hash_kernels_choose(mask)
        defer { shelf_hash_kernels_choose(nil) }
        try body()
    }

    private func sha256(_ bytes: ArraySlice<UInt8>, cuts: [Int] = []) -> [UInt8] {
        let stream = SHA256Stream()
        for part in parts(bytes, cuts) { part.withUnsafeBytes { stream.update($0) } }
        return stream.finish()
    }

    private func blake3(_ bytes: ArraySlice<UInt8>, cuts: [Int] = []) -> [UInt8] {
        let stream = BLAKE3Stream()
        for part in parts(bytes, cuts) { part.withUnsafeBytes { stream.update($0) } }
        return stream.finish()
    }

    private func crc32(_ bytes: ArraySlice<UInt8>, cuts: [Int] = []) -> UInt32 {
        parts(bytes, cuts).reduce(0) { crc, part in part.withUnsafeBytes { CRC32.update(crc, $0) } }
    }

    private func zlibCRC32(_ bytes: ArraySlice<UInt8>) -> UInt32 {
        bytes.withUnsafeBufferPointer { UInt32(CZlib.crc32_z(0, $0.baseAddress, $0.count)) }
    }

    private func parts(_ bytes: ArraySlice<UInt8>, _ cuts: [Int]) -> [ArraySlice<UInt8>] {
        var result: [ArraySlice<UInt8>] = []
        var start = bytes.startIndex
        for cut in cuts.sorted() + [bytes.count] where bytes.startIndex + cut >= start {
            let end = min(bytes.startIndex + cut, bytes.endIndex)
            result.append(bytes[start..<end])
            start = end
        }
        return result
    }

    @Test(arguments: masks) func everyLengthAtEveryAlignment(mask: String) throws {
        for (number, length) in Self.lengths.enumerated() {
            let bytes = Self.bytes[(number % 67)..<(number % 67 + length)]
            let wanted = try MessageDigest.sha256(of: Array(bytes))
            withMask(mask) {
                #expect(sha256(bytes) == wanted, "\(length)")
                #expect(crc32(bytes) == zlibCRC32(bytes), "\(length)")
                let cuts = [1, 63, 64, 1000, 1024, 2049, 5000, 70_000].filter { $0 < length }
                #expect(sha256(bytes, cuts: cuts) == wanted, "\(length)")
                #expect(crc32(bytes, cuts: cuts) == zlibCRC32(bytes), "\(length)")
                #expect(blake3(bytes, cuts: cuts) == blake3(bytes), "\(length)")
            }
        }
    }

    @Test(arguments: masks) func vectorsOfBLAKE3(mask: String) throws {
        let cases = try #require(try Self.vectors()["cases"]?.array)
        #expect(cases.count > 40)
        for item in cases {
            let length = Int(try #require(item["length"]?.int))
            let bytes = Self.pattern[..<length]
            withMask(mask) { #expect(Hex.encode(blake3(bytes)) == item["hash"]?.string, "\(length)") }
        }
    }

    @Test(arguments: ["portable", ""]) func smallInputsCutEverywhere(mask: String) throws {
        for length in [130, 1030, 2050] {
            let bytes = Self.bytes[..<length]
            let wanted = try MessageDigest.sha256(of: Array(bytes))
            withMask(mask) {
                let tree = blake3(bytes)
                for cut in stride(from: 0, through: length, by: length > 200 ? 7 : 1) {
                    #expect(sha256(bytes, cuts: [cut]) == wanted)
                    #expect(blake3(bytes, cuts: [cut, cut + 1]) == tree)
                    #expect(crc32(bytes, cuts: [cut]) == zlibCRC32(bytes))
                }
            }
        }
    }

    /// Streams of unequal lengths, in numbers that fill no kernel, one kernel and several.
    @Test(arguments: masks) func severalStreamsAtOnce(mask: String) throws {
        var random = SystemRandomNumberGenerator()
        for count in [1, 2, 3, 4, 5, 8, 9, 10, 16, 17, 33, 70] {
            let streams = (0..<count).map { _ in SHA256Stream() }
            var taken = [[UInt8]](repeating: [], count: count)
            for _ in 0..<3 {
                let ranges = streams.map { _ in
                    let start = Int.random(in: 0..<1000, using: &random)
                    return start..<start + Int.random(in: 0..<3000, using: &random)
                }
                withMask(mask) {
                    Self.bytes.withUnsafeBytes { all in
                        var feeds = SHA256Feeds()
                        for (stream, range) in zip(streams, ranges) {
                            feeds.add(UnsafeRawBufferPointer(rebasing: all[range]), to: stream)
                        }
                        feeds.run()
                    }
                }
                for (index, range) in ranges.enumerated() { taken[index] += Self.bytes[range] }
            }
            for (stream, bytes) in zip(streams, taken) {
                #expect(stream.finish() == (try MessageDigest.sha256(of: bytes)), "\(count) streams")
            }
        }
    }

    @Test(arguments: masks) func subtreesMakeTheSameTree(mask: String) {
        withMask(mask) {
            for size in [2048, 4096, 65536, 262_144, 524_288] {
                for extra in [0, 1, 1500] where size + extra <= Self.bytes.count {
                    let stream = BLAKE3Stream()
                    var offset = 0
                    Self.bytes.withUnsafeBytes { all in
                        while offset < min(2 * size, Self.bytes.count) {
                            let block = UnsafeRawBufferPointer(rebasing: all[offset..<offset + size])
                            guard let subtree = BLAKE3Stream.Subtree(block, at: Int64(offset)) else { return }
                            stream.add(subtree)
                            offset += size
                        }
                        let rest = min(extra, Self.bytes.count - offset)
                        stream.update(UnsafeRawBufferPointer(rebasing: all[offset..<offset + rest]))
                        offset += rest
                    }
                    #expect(offset >= 2 * size)
                    #expect(stream.finish() == blake3(Self.bytes[..<offset]), "\(size)+\(extra)")
                }
            }
        }
    }

    @Test func partsThatAreNoSubtree() {
        Self.bytes.withUnsafeBytes { all in
            for count in [0, 1024, 3072, 2049] {
                #expect(BLAKE3Stream.Subtree(UnsafeRawBufferPointer(rebasing: all[..<count]), at: 0) == nil)
            }
            #expect(BLAKE3Stream.Subtree(UnsafeRawBufferPointer(rebasing: all[..<4096]), at: 2048) == nil)
        }
    }

    @Test func joinedCRCs() {
        for length in Self.lengths {
            let bytes = Self.bytes[..<length]
            for cut in [0, 1, length / 3, length] where cut <= length {
                let joined = CRC32.combine(crc32(bytes[..<cut]), crc32(bytes[cut...]), count: Int64(length - cut))
                #expect(joined == zlibCRC32(bytes), "\(length) at \(cut)")
            }
        }
    }

    @Test func aMaskSwitchesOff() {
        withMask("portable") {
            #expect(HashKernels.description == "sha256=portable blake3=portable crc32=portable")
        }
        withMask("nonsense,avx9") {
            #expect(HashKernels.description == "sha256=portable blake3=portable crc32=portable")
        }
    }
}
