public import ShelfBase

/// The digest of a few blocks of a file, by which a renamed or copied file is known without reading it whole.
///
/// It covers the size, the header (what a safetensors length says, else the first 64 KiB) and sixteen blocks of 4 KiB
/// spread evenly over the rest; a file whose rest is 64 KiB or less is covered whole. It tells apart what people have
/// on their disks; against somebody who crafts two files that agree in it, only the full digest helps.
public enum FileSample {
    static let blockSize: Int64 = 4096
    static let blockCount: Int64 = 16
    static let plainHead: Int64 = 65536
    /// A longer header is not read for a sample: sixteen blocks of it must do.
    static let longestHead: UInt64 = 16 * 1024 * 1024

    /// The parts of a file that the sample covers, in order and without overlap.
    public static func ranges(size: Int64, head: some Collection<UInt8>) -> [Range<Int64>] {
        var length: UInt64 = 0
        for (index, byte) in head.prefix(8).enumerated() { length |= UInt64(byte) << UInt64(8 * index) }
        var headEnd = min(size, plainHead)
        if head.count >= 8, length <= longestHead, 8 + Int64(length) <= size { headEnd = 8 + Int64(length) }
        let rest = size - headEnd
        guard rest > blockSize * blockCount else { return size > 0 ? [0..<size] : [] }
        var ranges = [0..<headEnd]
        for index in 0..<blockCount {
            let start = headEnd + index * ((rest - blockSize) / (blockCount - 1))
            ranges.append(start..<start + blockSize)
        }
        return ranges
    }

    /// Reads just the blocks of the sample.
    public static func read(_ file: ReadableFile) throws(ShelfError) -> [UInt8] {
        let collector = SampleCollector()
        let head = try file.bytes(at: 0, count: 8)
        collector.reset(size: file.size, head: head)
        for range in ranges(size: file.size, head: head) {
            var start = range.lowerBound
            while start < range.upperBound {
                let bytes = try file.bytes(at: start, count: Int(min(range.upperBound - start, 1 << 20)))
                guard !bytes.isEmpty else {
                    throw ShelfError(.fileChanged, "the file became shorter while it was read", path: file.path)
                }
                bytes.withUnsafeBytes { collector.add($0, at: start) }
                start += Int64(bytes.count)
            }
        }
        return collector.finish()
    }
}

/// Picks the sample out of a sequential read, so that a file that is hashed anyway is not read again for it.
public final class SampleCollector {
    private let digest = SHA256Stream()
    private var ranges: [Range<Int64>] = []
    private var next = 0

    public init() {}

    public func reset(size: Int64, head: some Collection<UInt8>) {
        ranges = FileSample.ranges(size: size, head: head)
        next = 0
        digest.reset()
        digest.update((0..<8).map { UInt8(truncatingIfNeeded: size >> ($0 * 8)) })
    }

    /// Takes bytes that start at `offset` of the file; calls must come in the order of the file.
    public func add(_ block: UnsafeRawBufferPointer, at offset: Int64) {
        var feeds = SHA256Feeds()
        add(block, at: offset, to: &feeds)
        feeds.run()
    }

    /// The same, with the last of the bytes left to `feeds`: usually they are all.
    func add(_ block: UnsafeRawBufferPointer, at offset: Int64, to feeds: inout SHA256Feeds) {
        let end = offset + Int64(block.count)
        var waiting = UnsafeRawBufferPointer(start: nil, count: 0)
        while next < ranges.count, ranges[next].lowerBound < end {
            let range = ranges[next]
            let lower = max(range.lowerBound, offset)
            let upper = min(range.upperBound, end)
            if lower < upper {
                digest.update(waiting)
                waiting = UnsafeRawBufferPointer(rebasing: block[Int(lower - offset)..<Int(upper - offset)])
            }
            guard range.upperBound <= end else { break }
            next += 1
        }
        feeds.add(waiting, to: digest)
    }

    public func finish() -> [UInt8] { digest.finish() }
}
