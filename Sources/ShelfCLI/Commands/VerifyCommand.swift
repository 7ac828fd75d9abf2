internal import ModelShelf
internal import ShelfBase

extension Command {
    static let verify = Command(
        name: "verify", summary: "Hash files again and compare with what is recorded.",
        details: [
            "A file of the same size and time and other bytes is damaged. One that was written since the last scan is "
                + "changed, and not read: a scan takes it up.",
            "Digests that a scan took over from a sidecar are confirmed by this, or corrected.",
        ],
        arguments: [
            ArgumentSpec(
                "WHAT", .file, optional: true, repeats: true,
                "Models by path, name, hash, URL or id; the whole library when there are none.")
        ],
        options: [
            .flag("--adopted", "Only files whose digests were taken over from a sidecar."),
            .value("--jobs", "N", .number, "Hash N files at once; one on each processor by default."),
            .background,
        ],
        examples: [
            Example("modelshelf verify", "The whole library; it takes as long as reading it."),
            Example(
                "modelshelf verify --adopted --background",
                "After a scan that adopted digests; a watch does it by itself."),
        ]
    ) { (invocation, context) throws(ShelfError) -> Output in
        var request = VerifyRequest(invocation.arguments)
        request.adoptedOnly = invocation.has("--adopted")
        request.isBackground = invocation.has("--background")
        request.jobs = try invocation.number("--jobs", minimum: 1, maximum: 1024)
        let wish = request
        let report = try context.work { (cancellation, reporter) throws(ShelfError) -> VerifyReport in
            try context.engine.verify(wish, cancellation: cancellation) { done, total in
                reporter.show("verifying", bytes: done, total: total)
                return true
            }
        }
        var outcomes = [Outcome.done]
        outcomes += report.damaged.map { _ in .itemFailed(.hashMismatch) }
        outcomes += report.changed.map { _ in .itemFailed(.fileChanged) }
        outcomes += report.missing.map { _ in .itemFailed(.notFound) }
        outcomes += report.failed.map { .itemFailed($0.code) }
        return Output(document: report.json, outcomes: outcomes, lines: { verifyLines(report, $0) })
    }

    private static func verifyLines(_ report: VerifyReport, _ layout: Layout) -> [String] {
        var lines = ["\(Units.count(report.ok, "file")) as recorded"]
        for (word, findings) in [
            ("damaged", report.damaged), ("changed", report.changed), ("missing", report.missing),
        ] {
            for finding in findings { lines.append("\(layout.red(word))  \(SafeText.line(finding.path))") }
        }
        for error in report.failed { lines.append("\(layout.red("failed"))   \(SafeText.line(error.description))") }
        return lines
    }
}
