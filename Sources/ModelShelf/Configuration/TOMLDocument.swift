internal import ShelfBase

/// What is wrong with a file of settings, and where.
struct SettingsError: Error {
    /// From 1.
    let line: Int
    let message: String
    var hint: String?
}

/// The part of TOML that settings need: comments, `[table]`, `[[list of tables]]`, and values that are texts (`"basic"` and
/// `'literal'`), whole numbers, `true`, `false` and lists of texts. The rest of TOML is refused by its name.
///
/// Nothing nests, so nothing recurses; every list has a limit. Source: https://toml.io/en/v1.0.0
struct TOMLDocument: Sendable {
    enum Value: Sendable, Equatable {
        case text(String)
        case number(Int64)
        case flag(Bool)
        case texts([String])
    }

    struct Entry: Sendable {
        let key: String
        let value: Value
        let line: Int
    }

    struct Table: Sendable {
        /// Empty for what stands before the first table.
        let name: String
        /// One of a list: `[[name]]`.
        let isItem: Bool
        let line: Int
        var entries: [Entry] = []
    }

    /// The first is that without a name.
    private(set) var tables = [Table(name: "", isItem: false, line: 1)]

    static let largestFile: Int64 = 1 << 20
    private static let mostTables = 1000
    private static let mostEntries = 100
    private static let mostTexts = 1000

    init(_ bytes: [UInt8]) throws(SettingsError) {
        guard bytes.count <= Self.largestFile else {
            throw SettingsError(line: 1, message: "it has more than \(Self.largestFile >> 20) MiB")
        }
        var reader = TOMLReader(bytes)
        try reader.checkText()
        while try reader.skipToContent() {
            if let (name, isItem) = try reader.header() {
                guard tables.count < Self.mostTables else { throw reader.error("there are too many tables") }
                if let other = tables.first(where: { $0.name == name }), !(isItem && other.isItem) {
                    throw reader.error(
                        "'\(name)' is there already, in line \(other.line)", "write each table once, or all as [[\(name)]]")
                }
                tables.append(Table(name: name, isItem: isItem, line: reader.line))
            } else {
                let key = try reader.key()
                try reader.expectEquals(after: key)
                let line = reader.line
                let value = try reader.value(of: key, mostTexts: Self.mostTexts)
                let last = tables.count - 1
                if let other = tables[last].entries.first(where: { $0.key == key }) {
                    throw SettingsError(line: line, message: "'\(key)' is there already, in line \(other.line)")
                }
                guard tables[last].entries.count < Self.mostEntries else {
                    throw reader.error("there are too many keys in one table")
                }
                tables[last].entries.append(Entry(key: key, value: value, line: line))
            }
            try reader.expectEndOfLine()
        }
    }
}

/// Walks over the bytes of a document, one token at a time.
private struct TOMLReader {
    private let bytes: [UInt8]
    private var position = 0
    private(set) var line = 1

    init(_ bytes: [UInt8]) {
        // Editors of another system put a mark before the text.
        self.bytes = bytes.starts(with: [0xef, 0xbb, 0xbf]) ? Array(bytes.dropFirst(3)) : bytes
    }

    func error(_ message: String, _ hint: String? = nil) -> SettingsError {
        SettingsError(line: line, message: message, hint: hint)
    }

    private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

    private func isNext(_ text: StaticString) -> Bool {
        bytes[position...].starts(with: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    /// UTF-8 without control characters, and no carriage return but before the end of a line.
    mutating func checkText() throws(SettingsError) {
        for index in bytes.indices {
            let byte = bytes[index]
            if byte == UInt8(ascii: "\n") { line += 1 }
            let isLineEnd = byte == 13 && index + 1 < bytes.count && bytes[index + 1] == UInt8(ascii: "\n")
            guard byte >= 0x20 && byte != 0x7f || byte == 9 || byte == 10 || isLineEnd else {
                throw error("there is a control character: this is no text", "write it anew in a text editor")
            }
        }
        line = 1
        guard String(validating: bytes, as: UTF8.self) == nil else { return }
        for part in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
            guard String(validating: part, as: UTF8.self) != nil else { break }
            line += 1
        }
        throw error("it is not UTF-8", "save it as UTF-8; name folders of other bytes with: modelshelf roots add DIR")
    }

    /// Blanks, empty lines and comments; false at the end.
    mutating func skipToContent() throws(SettingsError) -> Bool {
        while let byte = next {
            switch byte {
            case UInt8(ascii: " "), 9, 13: position += 1
            case UInt8(ascii: "\n"):
                position += 1
                line += 1
            case UInt8(ascii: "#"): skipComment()
            default: return true
            }
        }
        return false
    }

    private mutating func skipComment() {
        while let byte = next, byte != UInt8(ascii: "\n") { position += 1 }
    }

    private mutating func skipBlanks() {
        while let byte = next, byte == UInt8(ascii: " ") || byte == 9 { position += 1 }
    }

    mutating func expectEndOfLine() throws(SettingsError) {
        skipBlanks()
        if next == UInt8(ascii: "#") { skipComment() }
        if next == 13 { position += 1 }
        guard next == nil || next == UInt8(ascii: "\n") else {
            throw error("something stands behind the value", "put each setting on a line of its own")
        }
    }

    /// `[name]` or `[[name]]`; nil when no table begins here.
    mutating func header() throws(SettingsError) -> (name: String, isItem: Bool)? {
        guard next == UInt8(ascii: "[") else { return nil }
        position += 1
        let isItem = next == UInt8(ascii: "[")
        if isItem { position += 1 }
        skipBlanks()
        let name = try key()
        skipBlanks()
        if next == UInt8(ascii: ".") {
            throw error("a table in a table, as in [\(name).…], is not something that settings have")
        }
        for _ in 0..<(isItem ? 2 : 1) {
            guard next == UInt8(ascii: "]") else {
                throw error("the line of table '\(name)' does not end in \(isItem ? "]]" : "]")")
            }
            position += 1
        }
        return (name, isItem)
    }

    mutating func key() throws(SettingsError) -> String {
        if let quote = next, quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "'") { return try text() }
        let start = position
        while let byte = next, Self.isKeyLetter(byte) { position += 1 }
        guard position > start else {
            throw error("there is no key", "a line is a comment, a [table], or KEY = VALUE")
        }
        return String(decoding: bytes[start..<position], as: UTF8.self)
    }

    private static func isKeyLetter(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
            true
        default: false
        }
    }

    mutating func expectEquals(after key: String) throws(SettingsError) {
        skipBlanks()
        if next == UInt8(ascii: ".") {
            throw error("a key with a dot, as in \(key).…, is not something that settings have", "write it below [\(key)]")
        }
        guard next == UInt8(ascii: "=") else {
            throw error("'\(key)' is not followed by =", "write KEY = VALUE, with texts in quotes")
        }
        position += 1
        skipBlanks()
    }

    mutating func value(of key: String, mostTexts: Int) throws(SettingsError) -> TOMLDocument.Value {
        switch next {
        case UInt8(ascii: "\"")?, UInt8(ascii: "'")?: return .text(try text())
        case UInt8(ascii: "[")?: return .texts(try texts(of: key, most: mostTexts))
        case UInt8(ascii: "{")?:
            throw error("a table within a line, as in { … }, is not something that settings have")
        case nil, UInt8(ascii: "\n")?, 13?, UInt8(ascii: "#")?: throw error("'\(key)' has no value")
        default: break
        }
        let start = position
        while let byte = next, Self.isKeyLetter(byte) || [UInt8(ascii: "+"), UInt8(ascii: "."), UInt8(ascii: ":")].contains(byte) {
            position += 1
        }
        let word = String(decoding: bytes[start..<position], as: UTF8.self)
        switch word {
        case "true": return .flag(true)
        case "false": return .flag(false)
        default: break
        }
        guard let number = Self.number(word) else {
            throw error(
                "the value of '\(key)' is no text, whole number, true, false or list of texts",
                word.isEmpty ? nil : "texts stand in quotes: \(key) = \"\(word.prefix(60))\"")
        }
        return .number(number)
    }

    /// Decimal, with a sign, and `_` between digits.
    private static func number(_ word: String) -> Int64? {
        let digits = word.first == "+" || word.first == "-" ? word.dropFirst() : word[...]
        guard !digits.isEmpty, digits.count <= 40, digits == "0" || digits.first != "0", digits.first != "_",
            digits.last != "_", !digits.contains("__"), digits.allSatisfy({ $0 == "_" || ($0.isASCII && $0.isNumber) })
        else { return nil }
        return Int64(word.filter { $0 != "_" })
    }

    private mutating func texts(of key: String, most: Int) throws(SettingsError) -> [String] {
        let start = line
        position += 1
        var texts: [String] = []
        while try skipToContent() {
            switch next {
            case UInt8(ascii: "]")?:
                position += 1
                return texts
            case UInt8(ascii: "\"")?, UInt8(ascii: "'")?:
                guard texts.count < most else { throw error("the list '\(key)' is too long") }
                texts.append(try text())
            default: throw error("the list '\(key)' holds something else than texts in quotes")
            }
            guard try skipToContent() else { break }
            if next == UInt8(ascii: ",") {
                position += 1
            } else if next != UInt8(ascii: "]") {
                throw error("a comma is missing in the list '\(key)'")
            }
        }
        throw SettingsError(line: start, message: "the list '\(key)' has no end", hint: "close it with ]")
    }

    /// A text in double quotes, with escapes, or in single quotes, without.
    private mutating func text() throws(SettingsError) -> String {
        if isNext("\"\"\"") || isNext("'''") {
            throw error("a text of several lines is not something that settings have", "write it on one line")
        }
        let isLiteral = next == UInt8(ascii: "'")
        let quote = isLiteral ? UInt8(ascii: "'") : UInt8(ascii: "\"")
        position += 1
        var text: [UInt8] = []
        while let byte = next, byte != UInt8(ascii: "\n"), byte != 13 {
            position += 1
            if byte == quote { return String(decoding: text, as: UTF8.self) }
            if byte == UInt8(ascii: "\\"), !isLiteral { text += try escape() } else { text.append(byte) }
        }
        throw error("a text has no end", "close it with \(isLiteral ? "'" : "\"")")
    }

    private mutating func escape() throws(SettingsError) -> [UInt8] {
        guard let letter = next else { throw error("a text has no end") }
        position += 1
        let digits: Int
        switch letter {
        case UInt8(ascii: "b"): return [8]
        case UInt8(ascii: "t"): return [9]
        case UInt8(ascii: "n"): return [10]
        case UInt8(ascii: "f"): return [12]
        case UInt8(ascii: "r"): return [13]
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): return [letter]
        case UInt8(ascii: "u"): digits = 4
        case UInt8(ascii: "U"): digits = 8
        default:
            throw error(
                "there is no such escape in a text in double quotes: a backslash before it",
                "write the text in 'single quotes', where a backslash is one")
        }
        let code = bytes[position...].prefix(digits)
        guard code.count == digits, let number = UInt32(String(decoding: code, as: UTF8.self), radix: 16),
            code.first != UInt8(ascii: "+"), number != 0, let scalar = Unicode.Scalar(number)
        else { throw error("\\\(letter == UInt8(ascii: "u") ? "u" : "U") is followed by no character's number") }
        position += digits
        return Array(String(Character(scalar)).utf8)
    }
}
