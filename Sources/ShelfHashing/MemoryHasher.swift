public import ShelfBase

/// Hashes small files that were read already, several at once on the thread that calls it, so that their SHA-256 fill
/// the lanes of its core.
public final class MemoryHasher {
    /// A whole file, and where its tensors lie; nil unless it is safetensors.
    public struct Item {
        let bytes: [UInt8]
        let layout: TensorLayout?

        public init(_ bytes: [UInt8], _ layout: TensorLayout?) {
            self.bytes = bytes
            self.layout = layout
        }

        public var count: Int { bytes.count }
    }

    /// Files that fill the lanes: two SHA-256 of each.
    public static let filesAtOnce = BatchHasher.lanes / 2

    private let streams: DigestStreams
    private var readings: [FileReadingState] = []

    public init(_ streams: DigestStreams) { self.streams = streams }

    /// Digests and samples in the order of `items`, all of which are worked on at the same time.
    public func hash(_ items: [Item]) throws(ShelfError) -> [(FileDigests, sample: [UInt8])] {
        while readings.count < items.count {
            // The bytes are the caller's, so the buffer is of no use.
            readings.append(try FileReadingState(streams, sampling: true, blockSize: 1))
        }
        var feeds = SHA256Feeds()
        feed(items[...], to: &feeds)
        return zip(readings, items).map { reading, _ in reading.results() }
    }

    /// Each file's bytes must stay where they are until those of all are taken.
    private func feed(_ items: ArraySlice<Item>, to feeds: inout SHA256Feeds) {
        guard let item = items.first else { return feeds.run() }
        item.bytes.withUnsafeBytes { bytes in
            readings[items.startIndex].take(bytes, layout: item.layout, &feeds)
            feed(items.dropFirst(), to: &feeds)
        }
    }
}
