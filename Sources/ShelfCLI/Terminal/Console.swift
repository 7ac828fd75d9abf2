internal import ShelfBase
internal import Synchronization

/// Messages and the progress line on standard error, from any thread: the line gives way to a message and comes back.
final class Console: Sendable {
    let terminal: any Terminal
    private let line = Mutex("")

    private static let erase = "\r\u{1b}[K"

    init(terminal: any Terminal) {
        self.terminal = terminal
    }

    /// Writes one message as a line of its own.
    func say(_ text: String) {
        line.withLock { line in
            let message = text + "\n"
            terminal.writeMessage(Array((line.isEmpty ? message : Self.erase + message + line).utf8))
        }
    }

    func say(_ message: Message) {
        switch message.level {
        case .note: say(message.text)
        case .warning: say("modelshelf: warning: " + message.text)
        case .error: say("modelshelf: " + message.text)
        }
    }

    /// Draws the progress line in place; an empty text takes it away.
    func redraw(_ text: String) {
        line.withLock { line in
            guard text != line else { return }
            line = text
            terminal.writeMessage(Array((Self.erase + text).utf8))
        }
    }

    /// Takes the progress line away on the way out, when another thread may hold the line and never give it back.
    func abandonLine() {
        _ = line.withLockIfAvailable { line in
            if !line.isEmpty { terminal.writeMessage(Array(Self.erase.utf8)) }
            line = ""
        }
    }
}
