internal import ShelfBase

/// Hashes as sha256sum prints them.
enum HashText {
    static func bytes(_ paths: [FilePath], _ results: HashResults, _ layout: Layout) -> [UInt8] {
        var text: [UInt8] = []
        for path in paths {
            guard case .hashes(let hashes) = results[path] else { continue }
            let (mark, name) = name(path, layout)
            for (algorithm, digest) in hashes.members {
                text += mark
                if hashes.count > 1 { text += (algorithm + "  ").utf8 }
                text += ((digest.string ?? "-") + "  ").utf8 + name + [0x0a]
            }
        }
        return text
    }

    /// A file or pipe gets the very bytes, which other programs read; a terminal does not get control characters.
    ///
    /// `escapesOnly` names the byte that makes escapes necessary: sha256sum is content with fewer when it checks.
    static func name(
        _ path: FilePath, _ layout: Layout, escapesOnly byte: UInt8? = nil
    ) -> (mark: [UInt8], name: [UInt8]) {
        let isPlain = byte.map { !path.bytes.contains($0) } ?? false
        let (mark, name) = isPlain ? ([], path.bytes) : SumName.escape(path)
        return (mark, layout.isTerminal ? Array(SafeText.line(FilePath(bytes: name)).utf8) : name)
    }
}

/// The outcome of `hash --check`.
enum CheckText {
    static func output(_ verdicts: [SumCheck.Verdict], malformed: Int) -> Output {
        let failed = verdicts.filter { $0.failure != nil }
        let mismatches = failed.filter { $0.failure == .hashMismatch }.count
        var messages: [Message] = []
        if malformed > 0 { messages.append(.warning("\(Units.count(malformed, "line")) not understood")) }
        let unknown = failed.filter { $0.failure == .unsupportedFormat }.count
        if unknown > 0 { messages.append(.warning("\(Units.count(unknown, "checksum")) of a kind that is not known")) }
        let unread = failed.count - mismatches - unknown
        if unread > 0 { messages.append(.warning("\(Units.count(unread, "file")) could not be read")) }
        if mismatches > 0 { messages.append(.warning("\(Units.count(mismatches, "checksum")) did not match")) }
        let document: JSONObject = [
            "ok": .int(Int64(verdicts.count - failed.count)), "malformed": .int(Int64(malformed)),
            "files": .array(
                verdicts.map { verdict in
                    .object([
                        "path": .string(verdict.path.display),
                        "path_bytes": .optional(verdict.path.base64IfNotUTF8), "ok": .bool(verdict.failure == nil),
                    ])
                }),
            "failed": .array(
                failed.map { verdict in
                    .object([
                        "path": .string(verdict.path.display),
                        "path_bytes": .optional(verdict.path.base64IfNotUTF8),
                        "code": .optional(verdict.failure?.rawValue), "message": .string(verdict.message),
                        "hint": .null,
                    ])
                }),
        ]
        // A file that is not there is a failed check here, not a thing that was named and not found.
        let outcomes = verdicts.map { $0.failure.map { Outcome.itemFailed($0) } ?? .done }
        return Output(document: document, messages: messages, outcomes: outcomes) { layout in
            verdicts.flatMap { verdict -> [UInt8] in
                let (mark, name) = HashText.name(verdict.path, layout, escapesOnly: 0x0a)
                return mark + name + (": " + word(verdict, layout) + "\n").utf8
            }
        }
    }

    private static func word(_ verdict: SumCheck.Verdict, _ layout: Layout) -> String {
        switch verdict.failure {
        case nil: "OK"
        case .hashMismatch: layout.red("FAILED")
        case .unsupportedFormat: layout.red("FAILED") + " unknown checksum"
        default: layout.red("FAILED") + " open or read"
        }
    }
}

/// Entries of `"failed"` lists.
enum FailureText {
    static func message(_ failure: JSONValue) -> Message {
        .error(
            ShelfError(
                code(failure), failure["message"]?.string ?? "failed", path: HashResults.path(failure),
                hint: failure["hint"]?.string))
    }

    static func outcome(_ failure: JSONValue) -> Outcome { .failed(code(failure)) }

    private static func code(_ failure: JSONValue) -> ErrorCode {
        failure["code"]?.string.map { ErrorCode(rawValue: $0) } ?? .internalError
    }
}
