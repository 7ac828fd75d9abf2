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
        let outcome = ExitStatus.exitStatus(of: output.outcomes)
        let status =
            if let pieces = output.pieces {
                write(pieces, then: outcome)
            } else {
                write(json ? SafeText.json(output.document) : output.text(console.terminal.layout), then: outcome)
            }
        for message in output.messages where !quiet || message.level == .error { console.say(message) }
        return status
    }

    /// Writes an error that ended everything: the error document, or a line on standard error.
    func write(_ error: ShelfError, usage: String?, asLine: Bool = false) -> Int32 {
        let status = ExitStatus.exitStatus(of: [.ended(error.code)])
        if json {
            let document: JSONObject = ["error": .object(error.json)]
            return write(asLine ? SafeText.jsonLine(document) : SafeText.json(document), then: status)
        }
        console.say(Message.error(error))
        if let usage { console.say("Usage: " + usage) }
        return status
    }

    private func write(_ pieces: Output.Pieces, then status: Int32) -> Int32 {
        var failure: Int32?
        pieces(json, console.terminal.layout) { bytes in
            failure = self.failure(console.terminal.writeOutput(bytes), status)
            return failure == nil
        }
        return failure ?? status
    }

    private func write(_ bytes: [UInt8], then status: Int32) -> Int32 {
        guard !bytes.isEmpty else { return status }
        return failure(console.terminal.writeOutput(bytes), status) ?? status
    }

    /// What the process answers with when its results could not be written.
    private func failure(_ result: WriteResult, _ status: Int32) -> Int32? {
        switch result {
        case .written: return nil
        case .closed: return ExitStatus.outputClosed
        case .failed(let number):
            let error = ShelfError.system(number, "write it", FilePath("standard output"))
            console.say(Message.error(error))
            return max(status, ExitStatus.someFailed)
        }
    }
}
