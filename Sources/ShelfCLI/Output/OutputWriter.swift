internal import ShelfBase

/// Writes what a command gave back: one write for standard output, so that there is never half a document.
struct OutputWriter {
    let console: Console
    let json: Bool

    /// Writes the result and answers with the exit status.
    func write(_ output: Output, quiet: Bool = false) -> Int32 {
        if let status = output.status { return status }
        if output.isStreamed {
            return output.outcomes.isEmpty ? ExitStatus.outputClosed : ExitStatus.exitStatus(of: output.outcomes)
        }
        let bytes = json ? SafeText.json(output.document) : output.text(console.terminal.layout)
        let status = write(bytes, then: ExitStatus.exitStatus(of: output.outcomes))
        for message in output.messages where !quiet || message.level == .error { console.say(message) }
        return status
    }

    /// Writes an error that ended everything: the error document, or a line on standard error.
    func write(_ error: ShelfError, usage: String?) -> Int32 {
        let status = ExitStatus.exitStatus(of: [.ended(error.code)])
        if json { return write(SafeText.json(["error": .object(error.json)]), then: status) }
        console.say(Message.error(error))
        if let usage { console.say("Usage: " + usage) }
        return status
    }

    private func write(_ bytes: [UInt8], then status: Int32) -> Int32 {
        guard !bytes.isEmpty else { return status }
        switch console.terminal.writeOutput(bytes) {
        case .written: return status
        case .closed: return ExitStatus.outputClosed
        case .failed(let number):
            let error = ShelfError.system(number, "write it", FilePath("standard output"))
            console.say(Message.error(error))
            return max(status, ExitStatus.someFailed)
        }
    }
}
