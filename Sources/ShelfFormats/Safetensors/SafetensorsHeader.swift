public import ShelfBase

/// The header of a safetensors file, checked by every rule of the format's reference reader (0.8.0) and a few more.
///
/// Stricter than the reference: a name may stand only once, because readers disagree on which of two counts. More
/// lenient: metadata that is not all text, and element types that are not known, leave the file readable with a remark
/// in ``problems``.
public struct SafetensorsHeader: Sendable {
    /// Bytes of the JSON, as the file's first eight bytes say.
    public let headerLength: UInt64
    /// In the order of the JSON.
    public let tensors: [Tensor]
    /// In the order of the JSON. A value that is not text is kept as its JSON text.
    public let metadata: [(key: String, value: String)]
    /// Whether an entry has fields besides type, shape and offsets.
    public let hasUnknownFields: Bool
    /// Whether the metadata is not an object of texts.
    public let nonconformingMetadata: Bool
    /// What is wrong without making the header unreadable.
    public let problems: [ShelfError]
    /// What is unusual and harmless.
    public let notes: [String]
    /// Bytes of tensor data, as the offsets say.
    public let dataLength: UInt64

    /// Where the tensor data starts in the file.
    public var dataOffset: UInt64 { 8 + headerLength }
    /// Bytes that the whole file must have.
    public var expectedFileSize: UInt64 { dataOffset + dataLength }

    /// Reads a header from the start of a file.
    ///
    /// - Parameters:
    ///   - headerBytes: the file's first bytes, at least the header; what follows is not looked at.
    ///   - fileSize: bytes of the whole file.
    /// - Throws: `corrupt_file` for a file that is cut off, has bytes to spare or breaks a rule; `too_large` for one
    ///   that is over a limit of ``SafetensorsLimits``.
    public static func parse(_ headerBytes: [UInt8], fileSize: Int64) throws(ShelfError) -> SafetensorsHeader {
        let (header, sizeProblem) = try parseIgnoringSize(headerBytes, fileSize: fileSize)
        if let sizeProblem { throw sizeProblem }
        return header
    }

    /// Reads the header of a file: one read for most files, two when the header is over 64 KiB.
    public static func read(_ file: ReadableFile) throws(ShelfError) -> SafetensorsHeader {
        let header = HeaderReader.read(file)
        if let problem = header.fatalProblem { throw problem }
        guard let safetensors = header.safetensors else {
            throw ShelfError(.corruptFile, "not a safetensors file but \(header.format.rawValue)", path: file.path)
        }
        return safetensors
    }

    /// As ``parse(_:fileSize:)``, but a file that is too short or too long keeps its header.
    static func parseIgnoringSize(
        _ headerBytes: [UInt8], fileSize: Int64
    ) throws(ShelfError) -> (header: SafetensorsHeader, sizeProblem: ShelfError?) {
        let size = UInt64(clamping: fileSize)
        let length = try checkedLength(headerBytes, size: size)
        // The limits above keep the length far below what an Int holds.
        guard let count = Int(exactly: length), headerBytes.count - 8 >= count else {
            throw ShelfError(.corruptFile, "the header ends early: have \(headerBytes.count) of \(8 + length) bytes")
        }
        var parser = SafetensorsParser()
        try headerBytes.withUnsafeBufferPointer { (buffer) throws(ShelfError) in
            try parser.parse(UnsafeBufferPointer(rebasing: buffer[8..<8 + count]))
        }
        let dataLength = try SafetensorsLayout.dataLength(of: parser.tensors)
        var notes = parser.notes
        if length > SafetensorsLimits.unusualHeaderLength { notes.append("the header has \(length) bytes") }
        let header = SafetensorsHeader(
            headerLength: length, tensors: parser.tensors, metadata: parser.metadata,
            hasUnknownFields: parser.hasUnknownFields, nonconformingMetadata: parser.nonconformingMetadata,
            problems: parser.problems, notes: notes, dataLength: dataLength)
        return (header, try sizeProblem(size: size, length: length, dataLength: dataLength))
    }

    /// The header's length after the checks that need no more than it.
    private static func checkedLength(_ bytes: [UInt8], size: UInt64) throws(ShelfError) -> UInt64 {
        guard size >= 8, let length = LittleEndian.uint64(bytes, at: 0) else {
            throw ShelfError(
                .corruptFile, "header too small: a safetensors file has at least 8 bytes, this one has \(size)")
        }
        guard length <= SafetensorsLimits.headerLength else {
            throw ShelfError(
                .corruptFile,
                "header too large: \(length) bytes are announced, \(SafetensorsLimits.headerLength) are allowed")
        }
        guard 8 + length <= size else {
            throw ShelfError(
                .corruptFile,
                "invalid header length: incomplete download, have \(size) of at least \(8 + length) bytes",
                hint: "download it again")
        }
        return length
    }

    private static func sizeProblem(
        size: UInt64, length: UInt64, dataLength: UInt64
    ) throws(ShelfError) -> ShelfError? {
        let (expected, overflow) = (8 + length).addingReportingOverflow(dataLength)
        guard !overflow else { throw ShelfError(.corruptFile, "the offsets are larger than any file") }
        if size < expected {
            return ShelfError(
                .corruptFile, "incomplete download: have \(size) of \(expected) bytes", hint: "download it again")
        }
        if size > expected {
            return ShelfError(
                .corruptFile,
                "\(size - expected) bytes follow the last tensor: have \(size), expected \(expected) bytes")
        }
        return nil
    }
}
