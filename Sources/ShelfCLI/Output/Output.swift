internal import ShelfBase

/// A message for the person at the terminal.
struct Message: Sendable, Equatable {
    enum Level: Sendable { case note, warning, error }

    let level: Level
    let text: String

    static func note(_ text: String) -> Message { Message(level: .note, text: text) }
    static func warning(_ text: String) -> Message { Message(level: .warning, text: text) }
    static func error(_ text: String) -> Message { Message(level: .error, text: text) }

    /// The line for an error: what it is about, what happened, what to do next.
    static func error(_ error: ShelfError) -> Message {
        var text = SafeText.line(error.message)
        if let path = error.path, !error.message.hasPrefix(path.display) { text = "\(SafeText.line(path)): \(text)" }
        if let hint = error.hint { text += " (\(SafeText.line(hint)))" }
        for candidate in error.candidates { text += "\n  " + SafeText.line(candidate) }
        return .error(text)
    }
}

/// How readable text is to be laid out.
struct Layout: Sendable {
    /// Columns to fit into; nil when the text does not go to a terminal.
    var width: Int?
    /// Whether a person looks at it on a terminal.
    var isTerminal = false
    var color = false

    func bold(_ text: String) -> String { color ? "\u{1b}[1m\(text)\u{1b}[0m" : text }
    func red(_ text: String) -> String { color ? "\u{1b}[31m\(text)\u{1b}[0m" : text }
}

/// What a command gives back; the program writes it in one go.
struct Output {
    /// What `--json` prints.
    var document: JSONObject
    var messages: [Message] = []
    var outcomes: [Outcome] = [.done]
    /// Whether the command has written its results itself, as they came.
    var isStreamed = false
    /// What the process ends with, when something else than this program decides it.
    var status: Int32?
    /// What is printed without `--json`.
    var text: (Layout) -> [UInt8]
    /// Stands for both where they may be too long to be made at once.
    var pieces: Pieces?

    /// Hands the document, or the text, to `write` piece by piece, until that answers false.
    typealias Pieces = (_ json: Bool, Layout, _ write: @escaping ([UInt8]) -> Bool) -> Void

    init(messages: [Message], outcomes: [Outcome], pieces: @escaping Pieces) {
        self.init(document: [:], messages: messages, outcomes: outcomes) { _ in [UInt8]() }
        self.pieces = pieces
    }

    init(
        document: JSONObject, messages: [Message] = [], outcomes: [Outcome] = [.done],
        bytes: @escaping (Layout) -> [UInt8]
    ) {
        self.document = document
        self.messages = messages
        self.outcomes = outcomes
        self.text = bytes
    }

    /// The end of results that were written as they came; nil when their reader went away.
    init(streamed outcome: Outcome?) {
        self.init(document: [:], outcomes: outcome.map { [$0] } ?? []) { _ in [UInt8]() }
        isStreamed = true
    }

    /// The end of something that has written by itself and has an exit status of its own.
    init(status: Int32) {
        self.init(streamed: nil)
        self.status = status
    }

    init(
        document: JSONObject, messages: [Message] = [], outcomes: [Outcome] = [.done],
        lines: @escaping (Layout) -> [String]
    ) {
        self.init(document: document, messages: messages, outcomes: outcomes) { layout in
            Array(lines(layout).map { $0 + "\n" }.joined().utf8)
        }
    }
}
