internal import ShelfBase

/// The outcome of `hash --check`.
enum CheckText {
    static func output(_ checked: CheckedSums) -> Output {
        let ok = checked.count(of: nil)
        let mismatches = checked.count(of: .hashMismatch)
        let unknown = checked.count(of: .unsupportedFormat)
        let unread = checked.count - ok - mismatches - unknown
        var messages: [Message] = []
        if checked.malformed > 0 {
            messages.append(.warning("\(Units.count(checked.malformed, "line")) not understood"))
        }
        if unknown > 0 { messages.append(.warning("\(Units.count(unknown, "checksum")) of a kind that is not known")) }
        if unread > 0 { messages.append(.warning("\(Units.count(unread, "file")) could not be read")) }
        if mismatches > 0 { messages.append(.warning("\(Units.count(mismatches, "checksum")) did not match")) }
        // A file that is not there is a failed check here, not a thing that was named and not found.
        let outcomes = checked.failures.map { $0.map { Outcome.itemFailed($0) } ?? .done }
        return Output(messages: messages, outcomes: outcomes) { json, layout, write in
            if json {
                writeDocument(checked, write)
            } else {
                _ = checked.verdicts.allSatisfy { write($0.flatMap { line($0, layout) }) }
            }
        }
    }

    private static func line(_ verdict: SumCheck.Verdict, _ layout: Layout) -> [UInt8] {
        let (mark, name) = HashText.name(verdict.path, layout, escapesOnly: 0x0a)
        return mark + name + (": " + word(verdict, layout) + "\n").utf8
    }

    private static func word(_ verdict: SumCheck.Verdict, _ layout: Layout) -> String {
        switch verdict.failure {
        case nil: "OK"
        case .hashMismatch: layout.red("FAILED")
        case .unsupportedFormat: layout.red("FAILED") + " unknown checksum"
        default: layout.red("FAILED") + " open or read"
        }
    }

    private static func writeDocument(_ checked: CheckedSums, _ write: @escaping ([UInt8]) -> Bool) {
        let numbers: JSONObject = [
            "ok": .int(Int64(checked.count(of: nil))), "malformed": .int(Int64(checked.malformed)),
        ]
        var document = JSONPieces(numbers, write)
        document.list("files", checked.verdicts.lazy.map { $0.map(file) })
        document.list("failed", checked.verdicts.lazy.map { $0.filter { $0.failure != nil }.map(failure) })
        document.end()
    }

    private static func file(_ verdict: SumCheck.Verdict) -> JSONValue {
        .object([
            "path": .string(verdict.path.display), "path_bytes": .optional(verdict.path.base64IfNotUTF8),
            "ok": .bool(verdict.failure == nil),
        ])
    }

    private static func failure(_ verdict: SumCheck.Verdict) -> JSONValue {
        .object([
            "path": .string(verdict.path.display), "path_bytes": .optional(verdict.path.base64IfNotUTF8),
            "code": .optional(verdict.failure?.rawValue), "message": .string(verdict.message), "hint": .null,
        ])
    }
}
