internal import ShelfBase

/// The part of YAML that `extra_model_paths.yaml` uses: a map of maps of texts, with comments, quotes and texts of several
/// lines (`|`). Whatever else YAML can say is refused, with its line.
///
/// One pass over the lines, no recursion. Source: https://yaml.org/spec/1.1/ as far as these files go.
struct YAMLMap: Sendable {
    struct Entry: Sendable {
        let key: String
        /// Nil for nothing, `~` or `null`.
        let text: String?
        /// Whether it stands without quotes, so that `true` is no text.
        let isPlain: Bool
        let line: Int
    }

    struct Section: Sendable {
        let key: String
        let line: Int
        var entries: [Entry] = []
    }

    private(set) var sections: [Section] = []

    private static let mostSections = 200
    private static let mostEntries = 500

    init(_ bytes: [UInt8]) throws(SettingsError) {
        guard bytes.count <= TOMLDocument.largestFile else { throw SettingsError(line: 1, message: "it is too large") }
        var lines = YAMLLines(bytes)
        try lines.check()
        var indent: Int?
        while let line = try lines.nextLine() {
            if line.indent == 0 {
                let (key, rest) = try line.key()
                guard rest.isEmpty || ["~", "null"].contains(String(decoding: rest, as: UTF8.self)) else {
                    throw line.error(
                        "'\(key)' has a value, and is no section", "sections hold KEY: FOLDER, indented below them")
                }
                if let other = sections.first(where: { $0.key == key }) {
                    throw line.error("the section '\(key)' is there already, in line \(other.line)")
                }
                guard sections.count < Self.mostSections else { throw line.error("there are too many sections") }
                sections.append(Section(key: key, line: line.number))
                indent = nil
                continue
            }
            guard let last = sections.indices.last else { throw line.error("an indented line stands before any section") }
            guard indent == nil || indent == line.indent else {
                throw line.error(
                    "the line is indented by \(line.indent) blanks, those above it by \(indent ?? 0)",
                    "maps in maps of a section, and values of several lines without |, are not read")
            }
            indent = line.indent
            let (key, rest) = try line.key()
            if let other = sections[last].entries.first(where: { $0.key == key }) {
                throw line.error("'\(key)' is there already, in line \(other.line)", "put its folders below one |")
            }
            guard sections[last].entries.count < Self.mostEntries else { throw line.error("the section is too long") }
            let entry: Entry
            if rest.first == UInt8(ascii: "|") {
                guard rest.dropFirst().allSatisfy({ $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "+") }), rest.count <= 2
                else { throw line.error("the | of '\(key)' is followed by something", "write the folders below it") }
                entry = Entry(
                    key: key, text: try lines.block(deeperThan: line.indent), isPlain: false, line: line.number)
            } else {
                let (text, isPlain) = try line.scalar(rest)
                entry = Entry(key: key, text: text, isPlain: isPlain, line: line.number)
            }
            sections[last].entries.append(entry)
        }
    }
}

/// One line with something on it.
private struct YAMLLine {
    let number: Int
    let indent: Int
    /// Without what is around it.
    let content: ArraySlice<UInt8>

    func error(_ message: String, _ hint: String? = nil) -> SettingsError {
        SettingsError(line: number, message: message, hint: hint)
    }

    /// What stands before the first colon that ends a key, and what stands behind it, without a comment.
    func key() throws(SettingsError) -> (String, ArraySlice<UInt8>) {
        let colon = UInt8(ascii: ":")
        if content.first == UInt8(ascii: "-"), content.dropFirst().first.map(Self.isBlank) ?? true {
            throw error("a list, as in '- x', is not read", "write several folders below KEY: |, one on each line")
        }
        if content.first == UInt8(ascii: "\"") || content.first == UInt8(ascii: "'") {
            guard let (text, rest) = try quoted(content), rest.first == colon else {
                throw error("there is no key")
            }
            return (text, Self.trimmed(Self.withoutComment(rest.dropFirst())))
        }
        let end = content.indices.first {
            content[$0] == colon && (content.dropFirst($0 - content.startIndex + 1).first.map(Self.isBlank) ?? true)
        }
        guard let end, end > content.startIndex else {
            throw error("the line is no KEY: VALUE", "several folders stand below KEY: |, one on each line")
        }
        let key = Self.trimmed(content[..<end])
        try refuseSigns(key)
        return (String(decoding: key, as: UTF8.self), Self.trimmed(Self.withoutComment(content[(end + 1)...])))
    }

    /// A plain or a quoted text.
    func scalar(_ rest: ArraySlice<UInt8>) throws(SettingsError) -> (String?, isPlain: Bool) {
        if rest.first == UInt8(ascii: "\"") || rest.first == UInt8(ascii: "'") {
            guard let (text, left) = try quoted(rest) else { throw error("a text has no end") }
            guard Self.trimmed(Self.withoutComment(left)).isEmpty else { throw error("something stands behind a text") }
            return (text, false)
        }
        try refuseSigns(rest)
        if rest.isEmpty || rest.elementsEqual("~".utf8) || rest.elementsEqual("null".utf8) { return (nil, true) }
        let colon = UInt8(ascii: ":")
        guard !zip(rest, rest.dropFirst()).contains(where: { $0 == colon && Self.isBlank($1) }), rest.last != colon else {
            throw error("there is a second key on the line", "put a name with a colon in quotes")
        }
        return (String(decoding: rest, as: UTF8.self), true)
    }

    /// Signs by which YAML begins what is not read here.
    private func refuseSigns(_ text: ArraySlice<UInt8>) throws(SettingsError) {
        let meaning: String
        switch text.first {
        case UInt8(ascii: "&")?, UInt8(ascii: "*")?: meaning = "an anchor or alias"
        case UInt8(ascii: "!")?: meaning = "a tag"
        case UInt8(ascii: "[")?, UInt8(ascii: "{")?: meaning = "a list or map in brackets"
        case UInt8(ascii: ">")?: meaning = "a folded text (>)"
        case UInt8(ascii: "?")?: meaning = "a key of several lines"
        case UInt8(ascii: "%")?, UInt8(ascii: "@")?, UInt8(ascii: "`")?: meaning = "a reserved sign"
        case UInt8(ascii: "|")?: meaning = "a text of several lines as a section"
        default:
            guard !text.elementsEqual("<<".utf8) else { throw error("a merge of maps (<<) is not read") }
            return
        }
        throw error("\(meaning) is not read", "write KEY: FOLDER, a name that begins so in quotes")
    }

    /// The text in quotes at the start, and what is behind it; nil without an end.
    private func quoted(_ text: ArraySlice<UInt8>) throws(SettingsError) -> (String, ArraySlice<UInt8>)? {
        guard let quote = text.first else { return nil }
        var result: [UInt8] = []
        var rest = text.dropFirst()
        while let byte = rest.popFirst() {
            if byte == quote {
                // Two single quotes are one.
                guard quote == UInt8(ascii: "'"), rest.first == quote else {
                    return (String(decoding: result, as: UTF8.self), rest)
                }
                rest.removeFirst()
                result.append(quote)
            } else if byte == UInt8(ascii: "\\"), quote == UInt8(ascii: "\"") {
                guard let letter = rest.popFirst() else { return nil }
                switch letter {
                case UInt8(ascii: "\\"), UInt8(ascii: "\""), UInt8(ascii: "/"), UInt8(ascii: " "): result.append(letter)
                case UInt8(ascii: "n"): result.append(10)
                case UInt8(ascii: "t"): result.append(9)
                default:
                    throw error(
                        "an escape in a text in double quotes is not read: \\\(Character(Unicode.Scalar(letter)))",
                        "write the text in 'single quotes', where a backslash is one")
                }
            } else {
                result.append(byte)
            }
        }
        return nil
    }

    static func isBlank(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || byte == 9 }

    static func trimmed(_ text: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        var text = text.drop(while: isBlank)
        while let last = text.last, isBlank(last) || last == 13 { text.removeLast() }
        return text
    }

    /// A comment begins at a # after a blank. What begins in quotes ends where they do, which ``quoted(_:)`` finds out.
    private static func withoutComment(_ text: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        let first = text.first { !isBlank($0) }
        guard first != UInt8(ascii: "'"), first != UInt8(ascii: "\"") else { return text }
        var isAfterBlank = true
        for index in text.indices {
            if text[index] == UInt8(ascii: "#"), isAfterBlank { return text[..<index] }
            isAfterBlank = isBlank(text[index])
        }
        return text
    }
}

/// The lines of a document.
private struct YAMLLines {
    private let lines: [ArraySlice<UInt8>]
    private var position = 0
    private let isText: Bool

    init(_ bytes: [UInt8]) {
        let text = bytes.starts(with: [0xef, 0xbb, 0xbf]) ? bytes.dropFirst(3) : bytes[...]
        lines = text.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        isText = String(validating: text, as: UTF8.self) != nil
    }

    func check() throws(SettingsError) {
        for (index, line) in lines.enumerated() {
            let isLine = line.enumerated().allSatisfy { place, byte in
                byte >= 0x20 && byte != 0x7f || byte == 9 || (byte == 13 && place == line.count - 1)
            }
            guard isLine, isText || String(validating: line, as: UTF8.self) != nil else {
                throw SettingsError(
                    line: index + 1, message: isLine ? "it is not UTF-8" : "there is a control character: this is no text",
                    hint: "save it as UTF-8 in a text editor")
            }
        }
    }

    /// The next line that is neither empty nor a comment.
    mutating func nextLine() throws(SettingsError) -> YAMLLine? {
        while position < lines.count {
            let line = lines[position]
            position += 1
            let indent = line.prefix { $0 == UInt8(ascii: " ") }.count
            let content = YAMLLine.trimmed(line)
            guard let first = content.first, first != UInt8(ascii: "#") else { continue }
            let found = YAMLLine(number: position, indent: indent, content: content)
            if line.dropFirst(indent).first == 9 {
                throw found.error("the line is indented by a tab", "YAML is indented by blanks only")
            }
            if indent == 0, content.elementsEqual("---".utf8) {
                guard lines[..<(position - 1)].allSatisfy({ line in
                    YAMLLine.trimmed(line).first.map { $0 == UInt8(ascii: "#") } ?? true
                }) else { throw found.error("a second document (---) is not read") }
                continue
            }
            return found
        }
        return nil
    }

    /// The lines below a `|`: what is indented deeper than its key, by as much as the first of them.
    mutating func block(deeperThan indent: Int) throws(SettingsError) -> String {
        var texts: [String] = []
        var depth: Int?
        while position < lines.count {
            let line = lines[position]
            let blanks = line.prefix { $0 == UInt8(ascii: " ") }.count
            let content = YAMLLine.trimmed(line)
            guard !content.isEmpty else {
                position += 1
                continue
            }
            guard blanks > indent else { break }
            let expected = depth ?? blanks
            depth = expected
            guard blanks >= expected else {
                throw SettingsError(
                    line: position + 1, message: "the line is indented less than the first below the |",
                    hint: "indent all folders alike")
            }
            // What is indented deeper than the first begins with blanks, and they belong to the text.
            var text = line.dropFirst(expected)
            if text.last == 13 { text.removeLast() }
            texts.append(String(decoding: text, as: UTF8.self))
            position += 1
        }
        return texts.joined(separator: "\n")
    }
}
