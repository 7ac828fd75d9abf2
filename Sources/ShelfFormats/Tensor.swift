/// A tensor as a header describes it; its data is never read.
public struct Tensor: Sendable, Hashable {
    /// The name's bytes. Names are compared as bytes: Swift texts that differ only in their normal form are equal,
    /// tensor names are not.
    public let name: [UInt8]
    public let type: TensorType
    /// Dimensions in PyTorch's order; empty for a scalar.
    public let shape: [UInt64]
    /// First byte, counted from the start of the file's tensor data.
    public let begin: UInt64
    /// The byte after the last one.
    public let end: UInt64

    public init(name: [UInt8], type: TensorType, shape: [UInt64], begin: UInt64 = 0, end: UInt64 = 0) {
        self.name = name
        self.type = type
        self.shape = shape
        self.begin = begin
        self.end = end
    }

    /// The name as text: U+FFFD stands for what is not UTF-8.
    public var displayName: String { String(decoding: name, as: UTF8.self) }

    /// Bytes of data.
    public var byteCount: UInt64 { end >= begin ? end - begin : 0 }

    /// How many elements the shape has; nil when that does not fit into 64 bits.
    public var elementCount: UInt64? {
        var count: UInt64 = 1
        for dimension in shape {
            let (product, overflow) = count.multipliedReportingOverflow(by: dimension)
            guard !overflow else { return nil }
            count = product
        }
        return count
    }
}
