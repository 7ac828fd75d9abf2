internal import ShelfBase

/// The digest of a file's tensors whatever their order in the file and whatever the header says besides: it is the same
/// after another program has saved them.
///
/// For every tensor `name LF dtype LF dimensions joined by "," LF lower-case SHA-256 of its bytes LF`; these lines,
/// sorted as bytes, in one SHA-256.
final class CanonicalDigest {
    /// Tensors that are hashed side by side, as many as the kernels take at once.
    private static let group = 16

    private var tensors: [TensorLayout.Span] = []
    private var lines: [[UInt8]] = []
    /// The first tensor that is not hashed to its end.
    private var next = 0
    /// The stream of that tensor, if some of its bytes have come; the others serve whole tensors of one block.
    private let current = SHA256Stream()
    private let streams = (0..<group).map { _ in SHA256Stream() }

    func reset(_ tensors: [TensorLayout.Span]) {
        self.tensors = tensors
        lines.removeAll(keepingCapacity: true)
        next = 0
        current.reset()
    }

    /// Takes bytes that start at `offset` of the file; calls must come in the order of the file, without gaps.
    func add(_ block: UnsafeRawBufferPointer, at offset: Int64) {
        let end = offset + Int64(block.count)
        func part(_ range: Range<Int64>) -> UnsafeRawBufferPointer {
            let lower = max(range.lowerBound, offset)
            let upper = max(lower, min(range.upperBound, end))
            return UnsafeRawBufferPointer(rebasing: block[Int(lower - offset)..<Int(upper - offset)])
        }
        if next < tensors.count, tensors[next].range.lowerBound < offset {
            let range = tensors[next].range
            current.update(part(range))
            guard range.upperBound <= end else { return }
            close(current)
        }
        while next < tensors.count, tensors[next].range.upperBound <= end {
            let whole = tensors[next...].prefix(Self.group).prefix { $0.range.upperBound <= end }
            var feeds = SHA256Feeds()
            for (tensor, stream) in zip(whole, streams) {
                stream.reset()
                feeds.add(part(tensor.range), to: stream)
            }
            feeds.run()
            for (_, stream) in zip(whole, streams) { close(stream) }
        }
        if next < tensors.count, tensors[next].range.lowerBound < end {
            current.reset()
            current.update(part(tensors[next].range))
        }
    }

    /// The digest; nil if bytes of a tensor have not come.
    func finish() -> [UInt8]? {
        guard next == tensors.count else { return nil }
        let digest = SHA256Stream()
        for line in lines.sorted(by: { $0.lexicographicallyPrecedes($1) }) { digest.update(line) }
        return digest.finish()
    }

    /// Writes down the digest of the next tensor.
    private func close(_ stream: SHA256Stream) {
        lines.append(tensors[next].label + Array(Hex.encode(stream.finish()).utf8) + [0x0a])
        next += 1
    }
}
