internal import ShelfBase

extension Command {
    static let doctor = Command(
        name: "doctor", summary: "Check the installation, the store and the network, with advice for each finding.",
        examples: [Example("modelshelf doctor", "What is wrong here?")]
    ) { (_, context) throws(ShelfError) -> Output in
        do throws(ShelfError) {
            let document = try context.engine.doctor()
            let isWell = document["ok"]?.bool == true
            return doctorOutput(document, [isWell ? .done : .itemFailed(.internalError)])
        } catch {
            // A store that cannot even be opened is a finding too, and the one to report.
            guard error.code.row.exitStatus == ExitStatus.store else { throw error }
            let check: JSONObject = [
                "name": .string("store"), "status": .string("fail"), "detail": .string(error.message),
                "advice": .optional(error.hint),
            ]
            return doctorOutput(["ok": .bool(false), "checks": .array([.object(check)])], [.ended(error.code)])
        }
    }

    private static func doctorOutput(_ document: JSONObject, _ outcomes: [Outcome]) -> Output {
        Output(document: document, outcomes: outcomes) { layout in
            (document["checks"]?.array ?? []).flatMap { check -> [String] in
                let text = RecordText(check)
                let status = text.string("status") ?? "?"
                let word = DisplayWidth.pad(status, 4)
                var lines = ["\(status == "fail" ? layout.red(word) : word)  \(text.string("name") ?? "?")"]
                if let detail = text.string("detail") { lines[0] += ": " + detail }
                if let advice = text.string("advice") { lines.append("      → " + advice) }
                return lines
            }
        }
    }
}
