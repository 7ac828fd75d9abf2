public import ShelfBase

/// What the first bytes of a file say, before any of its insides are read.
public struct Sniff: Sendable {
    public let format: FileFormat
    /// Why the file is no model, or no safe one; nil when nothing speaks against reading it.
    public let problem: ShelfError?
    /// A harmless difference between content and name, such as a safetensors file named `.ckpt`.
    public let note: String?

    public init(format: FileFormat, problem: ShelfError? = nil, note: String? = nil) {
        self.format = format
        self.problem = problem
        self.note = note
    }
}
