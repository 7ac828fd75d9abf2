/// Rows in columns, fitted to a width.
struct Table {
    struct Column {
        let title: String
        var isRight = false
        /// Narrower than this only when nothing else is left to give; columns that may not shrink have none.
        var minimum: Int?
    }

    let columns: [Column]
    var rows: [[String]] = []

    private static let gap = "  "

    /// Lines without trailing spaces. Texts are expected to be harmless already.
    func lines(_ layout: Layout) -> [String] {
        let widths = widths(layout.width)
        let header = line(columns.map(\.title), widths)
        return [layout.bold(header)] + rows.map { line($0, widths) }
    }

    private func line(_ cells: [String], _ widths: [Int]) -> String {
        var text = ""
        for (index, column) in columns.enumerated() {
            let cell = DisplayWidth.fit(index < cells.count ? cells[index] : "", widths[index])
            text += index == 0 ? "" : Self.gap
            text += DisplayWidth.pad(cell, widths[index], right: column.isRight)
        }
        while text.last == " " { text.removeLast() }
        return text
    }

    /// The widest cell of each column; when that is too much together, the widest shrinkable column gives way, a
    /// column at a time, so that narrow ones stay whole.
    func widths(_ available: Int?) -> [Int] {
        var widths = columns.indices.map { index in
            rows.reduce(DisplayWidth.of(columns[index].title)) { widest, row in
                max(widest, index < row.count ? DisplayWidth.of(row[index]) : 0)
            }
        }
        guard let available else { return widths }
        let gaps = Self.gap.count * (columns.count - 1)
        while widths.reduce(gaps, +) > available {
            let shrinkable = columns.indices.filter { widths[$0] > (columns[$0].minimum ?? .max) }
            guard let widest = shrinkable.max(by: { widths[$0] < widths[$1] }) else { break }
            widths[widest] -= 1
        }
        return widths
    }
}
