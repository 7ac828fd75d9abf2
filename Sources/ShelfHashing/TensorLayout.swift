public import ShelfBase

/// Where the tensors of a safetensors file lie, for the digests that look at them alone.
public struct TensorLayout: Sendable {
    /// One tensor of a file.
    public struct Span: Sendable {
        /// What identifies it besides its bytes: `name LF dtype LF dimensions joined by "," LF`, as bytes.
        public let label: [UInt8]
        /// Its bytes, counted from the start of the file.
        public let range: Range<Int64>

        public init(label: [UInt8], range: Range<Int64>) {
            self.label = label
            self.range = range
        }
    }

    /// The first byte after the header.
    public let dataOffset: Int64
    /// The tensors in the order of their bytes; needed for ``HashAlgorithm/canonical`` only.
    public let tensors: [Span]

    public init(dataOffset: Int64, tensors: [Span] = []) {
        self.dataOffset = dataOffset
        self.tensors = tensors.sorted {
            ($0.range.lowerBound, $0.range.upperBound) < ($1.range.lowerBound, $1.range.upperBound)
        }
    }
}

/// Tells the layout of a file whose first bytes, as many as one block holds, have been read already; nil when it is not
/// a safetensors file. Asked only if a digest needs it.
public typealias LayoutReader = (_ file: ReadableFile, _ head: UnsafeRawBufferPointer) -> TensorLayout?
