public import ShelfBase

/// What a file's header tells, whatever its format: the input of identification.
public struct FileHeader: Sendable {
    public var format: FileFormat
    /// Bytes of the whole file.
    public var size: Int64
    /// Empty for formats that are recognised but whose insides are not read.
    public var tensors: [Tensor] = []
    /// In the order of the file.
    public var metadata: [(key: String, value: String)] = []
    /// Everything that is wrong, the fatal problem first.
    public var problems: [ShelfError] = []
    /// Whether the first problem keeps the file from being used.
    public var isFatal = false
    /// What is unusual and harmless.
    public var notes: [String] = []
    /// Bytes that the file should have, when its format tells.
    public var expectedSize: UInt64?
    /// Whether the file is shorter than its own header says: a download that is running or was cut off.
    public var isIncomplete = false
    /// The format's own header.
    public var safetensors: SafetensorsHeader?

    public init(format: FileFormat, size: Int64) {
        self.format = format
        self.size = size
    }

    /// Bytes of a safetensors file's JSON header.
    public var headerLength: UInt64? { safetensors?.headerLength }

    /// The problem that keeps the file from being used.
    public var fatalProblem: ShelfError? { isFatal ? problems.first : nil }

    /// The metadata value of a key; of several the first.
    public func value(_ key: String) -> String? {
        metadata.first { $0.key.utf8.elementsEqual(key.utf8) }?.value
    }
}
