import ShelfBase
import ShelfTestSupport
import Testing

@testable import ShelfHashing

/// The digest of tensors whatever their order, in blocks of every kind.
@Suite struct CanonicalDigestTests {
    private struct Model {
        let bytes: [UInt8]
        let layout: TensorLayout
        let wanted: [UInt8]
    }

    /// Tensors of odd sizes one after another behind a header of 17 bytes, some of them empty.
    private func model(_ sizes: [Int]) throws -> Model {
        var bytes = [UInt8](repeating: 7, count: 17)
        var spans: [TensorLayout.Span] = []
        var lines: [[UInt8]] = []
        for (index, size) in sizes.enumerated() {
            let data = Vectors.noise(seed: UInt64(index), count: size)
            let label = Array("t\(sizes.count - index)\nU8\n\(size)\n".utf8)
            spans.append(.init(label: label, range: Int64(bytes.count)..<Int64(bytes.count + size)))
            lines.append(label + Array(Hex.encode(try MessageDigest.sha256(of: data)).utf8) + [0x0a])
            bytes += data
        }
        let all = lines.sorted { $0.lexicographicallyPrecedes($1) }.flatMap { $0 }
        return Model(
            bytes: bytes, layout: TensorLayout(dataOffset: 17, tensors: spans.reversed()),
            wanted: try MessageDigest.sha256(of: all))
    }

    private func digest(_ model: Model, block: Int) throws -> [UInt8]? {
        let pipeline = try DigestPipeline([.canonical, .whole])
        pipeline.reset(size: Int64(model.bytes.count), layout: model.layout)
        model.bytes.withUnsafeBytes { bytes in
            for start in stride(from: 0, to: bytes.count, by: block) {
                pipeline.update(UnsafeRawBufferPointer(rebasing: bytes[start..<min(bytes.count, start + block)]))
            }
        }
        return pipeline.finish().canonical
    }

    @Test(arguments: [
        [], [0], [1], [0, 0, 0], [64, 0, 1, 63, 65], [1000, 1, 1, 1, 999], Array(0..<70), [5000, 0, 5000, 0],
    ])
    func blocksOfEverySize(sizes: [Int]) throws {
        let model = try model(sizes)
        for block in [1, 7, 17, 18, 64, 100, 1000, 1 << 20] {
            #expect(try digest(model, block: block) == model.wanted, "\(sizes) in blocks of \(block)")
        }
    }

    @Test func tensorsThatDoNotComeGiveNone() throws {
        let whole = try model([100, 100])
        let cut = Model(bytes: Array(whole.bytes.dropLast()), layout: whole.layout, wanted: [])
        #expect(try digest(cut, block: 50) == nil)
    }

    /// The other ways to hash a file give the same.
    @Test func filesGiveWhatTheirBytesGive() throws {
        try Folder.use { folder in
            let model = try model([3_000_000, 5, 0, 7_000_001, 123_456])
            let path = try folder.write("f", model.bytes)
            for jobs in [1, 2, 5] {
                let found = Locked<[UInt8]?>(nil)
                HashRun.hash(
                    [path], [.canonical, .blake3], HashRun.Options(jobs: jobs), cancellation: Cancellation(),
                    layout: { _, _ in model.layout }
                ) { _, result in
                    if case .success(let hashed) = result { found.withLock { $0 = hashed.digests.canonical } }
                }
                #expect(found.withLock { $0 } == model.wanted)
            }
        }
    }
}
