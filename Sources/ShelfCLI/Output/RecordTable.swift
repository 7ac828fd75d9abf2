internal import ModelShelf
internal import ShelfBase

/// Records, one a line.
enum RecordTable {
    static func lines(_ page: ModelPage, _ layout: Layout) -> [String] {
        guard !page.models.isEmpty else { return [] }
        var table = Table(columns: [
            Table.Column(title: "NAME", minimum: 12), Table.Column(title: "TYPE", minimum: 6),
            Table.Column(title: "BASE MODEL", minimum: 6), Table.Column(title: "SIZE", isRight: true),
            Table.Column(title: "CIVITAI"), Table.Column(title: "TRIGGER WORDS", minimum: 6),
        ])
        table.rows = page.models.map(row)
        return table.lines(layout)
    }

    private static func row(_ record: ModelRecord) -> [String] {
        let isFavorite = record.json["user"]?["favorite"]?.bool == true
        return [
            (isFavorite ? "★ " : "") + SafeText.line(record.name), SafeText.line(record.type ?? "-"),
            SafeText.line(record.baseModel ?? record.architecture ?? "-"), Units.bytes(record.size),
            StatusText.words(record),
            record.triggerWords.map { SafeText.line($0) }.joined(separator: ", "),
        ]
    }

    /// What the table leaves out.
    static func notes(_ page: ModelPage, _ filter: ModelFilter, command: String) -> [Message] {
        let next = filter.offset + page.models.count
        if page.total == 0 { return [.note("No models\(command == "list" ? "" : " found").")] }
        if page.models.isEmpty { return [.note("There are only \(page.total).")] }
        guard next < page.total || filter.offset > 0 else { return [] }
        let range = "\(filter.offset + 1) to \(next) of \(page.total)"
        return [.note(next < page.total ? "\(range); --offset \(next) shows more." : "\(range).")]
    }
}
