import ShelfBase
import Synchronization

@testable import ShelfCLI

/// Keeps what is written, and is whatever terminal a test wants.
final class RecordingTerminal: Terminal {
    private let written = Mutex<(output: [UInt8], messages: [UInt8], writes: Int)>(([], [], 0))
    let outputWidth: Int?
    let messageWidth: Int?
    private let variables: [String: String]
    private let input: [UInt8]
    private let result: WriteResult

    init(
        outputWidth: Int? = nil, messageWidth: Int? = nil, variables: [String: String] = [:], input: String = "",
        result: WriteResult = .written
    ) {
        self.outputWidth = outputWidth
        self.messageWidth = messageWidth
        self.variables = variables
        self.input = Array(input.utf8)
        self.result = result
    }

    var outputIsTerminal: Bool { outputWidth != nil }
    var messagesAreTerminal: Bool { messageWidth != nil }

    func writeOutput(_ bytes: [UInt8]) -> WriteResult {
        written.withLock {
            $0.output += bytes
            $0.writes += 1
        }
        return result
    }

    func writeMessage(_ bytes: [UInt8]) { written.withLock { $0.messages += bytes } }

    func readInput(limit: Int) throws(ShelfError) -> [UInt8] { input }
    func readInput(_ path: FilePath, limit: Int) throws(ShelfError) -> [UInt8] { input }

    func environment(_ name: String) -> String? { variables[name] }

    var outputBytes: [UInt8] { written.withLock { $0.output } }
    var output: String { String(decoding: outputBytes, as: UTF8.self) }
    var messages: String { written.withLock { String(decoding: $0.messages, as: UTF8.self) } }
    var outputWrites: Int { written.withLock { $0.writes } }
}
