internal import ShelfBase
internal import ShelfFormats
internal import ShelfHashing

/// Where the tensors of a file lie, from its header.
enum HeaderLayout {
    /// Bytes that are enough to tell a safetensors file from the others, besides its header.
    private static let enough: UInt64 = 1024

    /// Looks at the first block of a file, which was read to be hashed, and reads the file itself only when its header
    /// is longer. `spans`: whether the single tensors are wanted.
    static func read(_ file: ReadableFile, _ head: UnsafeRawBufferPointer, spans: Bool) -> TensorLayout? {
        guard head.count >= 8 else { return nil }
        let length = UInt64(littleEndian: head.loadUnaligned(as: UInt64.self))
        guard length <= SafetensorsLimits.headerLength else { return nil }
        if 8 + length <= UInt64(head.count) {
            let bytes = Array(head.prefix(Int(max(8 + length, enough))))
            return of(HeaderReader.read(head: bytes, size: file.size, name: file.path), spans: spans)
        }
        return of(HeaderReader.read(file), spans: spans)
    }

    /// The same of a whole file that is in memory.
    static func read(_ bytes: UnsafeRawBufferPointer, spans: Bool) -> TensorLayout? {
        guard bytes.count >= 8 else { return nil }
        let length = UInt64(littleEndian: bytes.loadUnaligned(as: UInt64.self))
        guard length <= SafetensorsLimits.headerLength else { return nil }
        let head = Array(bytes.prefix(Int(max(8 + length, enough))))
        return of(HeaderReader.read(head: head, size: Int64(bytes.count), name: FilePath("")), spans: spans)
    }

    static func of(_ header: FileHeader, spans: Bool) -> TensorLayout? {
        guard let safetensors = header.safetensors else { return nil }
        let offset = Int64(clamping: safetensors.dataOffset)
        guard spans else { return TensorLayout(dataOffset: offset) }
        let tensors = safetensors.tensors.map { tensor in
            let begin = offset.addingReportingOverflow(Int64(clamping: tensor.begin)).partialValue
            let (end, overflow) = begin.addingReportingOverflow(Int64(clamping: tensor.byteCount))
            let dimensions = tensor.shape.map { String($0) }.joined(separator: ",")
            let label = tensor.name + Array("\n\(tensor.type.name)\n\(dimensions)\n".utf8)
            return TensorLayout.Span(label: label, range: begin..<(overflow || end < begin ? .max : end))
        }
        return TensorLayout(dataOffset: offset, tensors: tensors)
    }
}
