internal import ShelfBase

/// The rules on where tensors lie: in order of their offsets they cover the data without a hole and without overlap,
/// each with exactly the bytes that its type and shape need.
enum SafetensorsLayout {
    /// Bytes of data that the tensors cover together.
    static func dataLength(of tensors: [Tensor]) throws(ShelfError) -> UInt64 {
        var position: UInt64 = 0
        for index in order(tensors) {
            let tensor = tensors[index]
            guard tensor.begin == position, tensor.end >= tensor.begin else {
                throw ShelfError(
                    .corruptFile,
                    "invalid offset for tensor \(quoted(tensor)): \(tensor.begin) to \(tensor.end) does not continue "
                        + "the data at \(position)")
            }
            try checkSize(tensor)
            position = tensor.end
        }
        return position
    }

    /// Indices in the order of the data. Most writers list tensors that way already.
    private static func order(_ tensors: [Tensor]) -> [Int] {
        let indices = Array(tensors.indices)
        let sorted = zip(tensors, tensors.dropFirst()).allSatisfy { ($0.begin, $0.end) <= ($1.begin, $1.end) }
        guard !sorted else { return indices }
        return indices.sorted { (tensors[$0].begin, tensors[$0].end) < (tensors[$1].begin, tensors[$1].end) }
    }

    private static func checkSize(_ tensor: Tensor) throws(ShelfError) {
        guard let bits = tensor.type.bits else { return }
        guard let elements = tensor.elementCount else {
            throw ShelfError(.corruptFile, "the shape of tensor \(quoted(tensor)) overflows")
        }
        let (size, overflow) = elements.multipliedReportingOverflow(by: bits)
        guard !overflow else {
            throw ShelfError(.corruptFile, "the size of tensor \(quoted(tensor)) overflows")
        }
        guard size.isMultiple(of: 8) else {
            throw ShelfError(.corruptFile, "tensor \(quoted(tensor)) does not end on a whole byte")
        }
        guard size / 8 == tensor.byteCount else {
            throw ShelfError(
                .corruptFile,
                "tensor \(quoted(tensor)) needs \(size / 8) bytes by its type and shape, its offsets span "
                    + "\(tensor.byteCount)")
        }
    }

    static func quoted(_ tensor: Tensor) -> String { quoted(tensor.name) }

    /// A tensor's name for a message: names come from strangers and may be long.
    static func quoted(_ name: [UInt8]) -> String {
        let limit = 120
        let text = FilePath(bytes: name.prefix(limit)).escaped
        return "\"\(text)\(name.count > limit ? "..." : "")\""
    }
}
