/// The words of an HTML text, for search and for the terminal: tags away, the common entities resolved.
enum PlainText {
    private static let entities: [String: String] = [
        "amp": "&", "lt": "<", "gt": ">", "quot": "\"", "apos": "'", "#39": "'", "nbsp": " ",
    ]
    /// A longer description is cut: it is there to be found by, not to be kept (the payload keeps it).
    private static let longest = 100_000

    static func fromHTML(_ html: String) -> String {
        var text = ""
        var rest = html.unicodeScalars.prefix(longest)
        while let scalar = rest.popFirst() {
            switch scalar {
            case "<":
                while let inner = rest.popFirst(), inner != ">" {}
                if text.last?.isWhitespace == false { text.append(" ") }
            case "&":
                let name = String(String.UnicodeScalarView(rest.prefix(8).prefix { $0 != ";" }))
                if let entity = entities[name] {
                    text += entity
                    rest = rest.dropFirst(name.unicodeScalars.count + 1)
                } else {
                    text.append("&")
                }
            default: text.unicodeScalars.append(scalar)
            }
        }
        return text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    }
}
