internal import ShelfBase

/// Where output goes and what is known about it; tests bring their own.
protocol Terminal: Sendable {
    /// Writes all bytes to standard output.
    func writeOutput(_ bytes: [UInt8]) -> WriteResult
    /// Writes all bytes to standard error; what cannot be written there is lost.
    func writeMessage(_ bytes: [UInt8])
    /// Everything on standard input, up to `limit` bytes.
    func readInput(limit: Int) throws(ShelfError) -> [UInt8]
    /// The whole of something that has a name and is no file.
    func readInput(_ path: FilePath, limit: Int) throws(ShelfError) -> [UInt8]

    var outputIsTerminal: Bool { get }
    var messagesAreTerminal: Bool { get }
    /// Columns, asked anew each time because windows are resized.
    var outputWidth: Int? { get }
    var messageWidth: Int? { get }

    func environment(_ name: String) -> String?
}

enum WriteResult: Sendable, Equatable {
    case written
    /// The reader went away.
    case closed
    /// `errno`.
    case failed(Int32)
}

extension Terminal {
    private var isPlain: Bool {
        environment("NO_COLOR") != nil || environment("CI") != nil || environment("TERM") == "dumb"
    }

    /// Whether a line may be redrawn in place on standard error.
    var canRedraw: Bool { messagesAreTerminal && !isPlain }

    var layout: Layout {
        Layout(
            width: outputIsTerminal ? max(40, outputWidth ?? 80) : nil, isTerminal: outputIsTerminal,
            color: outputIsTerminal && !isPlain)
    }
}
