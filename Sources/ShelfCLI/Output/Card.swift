/// A heading with labelled lines below it.
struct Card {
    private let title: String
    private var entries: [(label: String, lines: [String])] = []

    /// Takes harmless text, as all of the card does.
    init(_ title: String) {
        self.title = title
    }

    /// Adds a line; nothing when there is nothing to say.
    mutating func add(_ label: String, _ value: String?) {
        guard let value, !value.isEmpty else { return }
        entries.append((label, [value]))
    }

    mutating func add(_ label: String, lines: [String]) {
        guard !lines.isEmpty else { return }
        entries.append((label, lines))
    }

    func lines(_ layout: Layout) -> [String] {
        let labelWidth = entries.map { DisplayWidth.of($0.label) }.max() ?? 0
        var text = [layout.bold(title)]
        for entry in entries {
            let available = layout.width.map { max(20, $0 - labelWidth - 4) }
            let wrapped = entry.lines.flatMap { Wrapping.lines($0, width: available) }
            for (index, line) in wrapped.enumerated() {
                let label = DisplayWidth.pad(index == 0 ? entry.label : "", labelWidth)
                text.append("  \(label)  \(line)")
            }
        }
        return text
    }
}

/// Breaks text between words.
enum Wrapping {
    /// Lines of at most `width` columns; a word that is longer stands alone. One line when there is no width.
    static func lines(_ text: String, width: Int?) -> [String] {
        guard let width, DisplayWidth.of(text) > width else { return [text] }
        var lines: [String] = []
        var line = ""
        for word in text.split(separator: " ") {
            let fits = DisplayWidth.of(line) + 1 + DisplayWidth.of(word) <= width
            if line.isEmpty {
                line = String(word)
            } else if fits {
                line += " " + word
            } else {
                lines.append(line)
                line = String(word)
            }
        }
        return line.isEmpty ? lines : lines + [line]
    }
}
