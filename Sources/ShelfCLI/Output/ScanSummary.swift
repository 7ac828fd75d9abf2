internal import ModelShelf
internal import ShelfBase

/// What a scan did, for people.
enum ScanSummary {
    static func lines(_ report: ScanReport, _ layout: Layout) -> [String] {
        var lines = [counts(report)]
        if report.hashed > 0 {
            let rate = report.seconds > 0 ? Double(report.bytesHashed) / report.seconds : 0
            lines.append(
                "Hashed \(Units.count(report.hashed, "file")), \(Units.bytes(report.bytesHashed)), in "
                    + "\(Units.duration(report.seconds)) (\(Units.rate(rate)))")
        }
        if report.adopted > 0 {
            lines.append(
                "\(Units.count(report.adopted, "file")) known from sidecars, not hashed: a watch computes the digests, "
                    + "or 'modelshelf verify --adopted'")
        }
        if report.sidecars > 0 { lines.append("\(Units.count(report.sidecars, "sidecar")) written") }
        if report.identified + report.notOnCivitai + report.pending > 0 {
            let parts = [
                "\(report.identified) identified", "\(report.notOnCivitai) not there", "\(report.pending) pending",
            ]
            lines.append("Civitai: " + parts.joined(separator: ", "))
        }
        if !report.failed.isEmpty {
            lines.append(layout.red("\(report.failed.count) failed:"))
            lines += report.failed.map { failure($0) }
        }
        return lines
    }

    private static func counts(_ report: ScanReport) -> String {
        let parts = [
            (report.new, "new"), (report.changed, "changed"), (report.moved, "moved"),
            (report.unchanged, "unchanged"),
        ]
        .filter { $0.0 > 0 }.map { "\($0.0) \($0.1)" }
        var text = Units.count(report.files, "file")
        if !parts.isEmpty { text += ": " + parts.joined(separator: ", ") }
        if report.missing > 0 { text += "; \(report.missing) missing" }
        return text
    }

    private static func failure(_ error: ShelfError) -> String {
        var text = "  "
        if let path = error.path { text += SafeText.line(path) + ": " }
        text += "\(SafeText.line(error.code.rawValue)): \(SafeText.line(error.message))"
        if let hint = error.hint { text += " (\(SafeText.line(hint)))" }
        return text
    }
}
