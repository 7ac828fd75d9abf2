internal import ModelShelf
internal import ShelfBase

extension Command {
    static let set = Command(
        name: "set", summary: "Record what you know about a model; it outranks every other source.",
        details: [
            "Keys are notes, favorite (true or false), tags, name, type, base_model and trigger_words, lists with "
                + "commas between; any other key is a field of your own. An empty value takes it back."
        ],
        arguments: [.what, ArgumentSpec("KEY=VALUE", .text, repeats: true, "What to record.")],
        examples: [
            Example("modelshelf set x.safetensors favorite=true notes='good at 0.7'", "Two values at once."),
            Example("modelshelf set x.safetensors base_model=", "Take a correction back."),
        ]
    ) { (invocation, context) throws(ShelfError) -> Output in
        var edits: [UserEdit] = []
        for word in invocation.arguments.dropFirst() { edits.append(try userEdit(word)) }
        return record(try context.engine.update(try invocation.what(), edits))
    }

    static func userEdit(_ word: FilePath) throws(ShelfError) -> UserEdit {
        let text = try Invocation.text(word, of: "KEY=VALUE")
        // Cut at the byte: a combining mark after the sign must not hide it.
        guard let equals = text.utf8.firstIndex(of: UInt8(ascii: "=")), equals > text.startIndex else {
            throw ShelfError(.usage, "not KEY=VALUE: '\(SafeText.line(text))'")
        }
        let key = String(decoding: text.utf8[..<equals], as: UTF8.self)
        let value = String(decoding: text.utf8[text.utf8.index(after: equals)...], as: UTF8.self)
        switch key {
        case "notes": return .notes(value)
        case "favorite": return .favorite(try flag(value))
        case "tags": return .tags(items(value))
        case "trigger_words": return .field(key, value.isEmpty ? nil : .strings(items(value)))
        default: return .field(key, value.isEmpty ? nil : .string(value))
        }
    }

    private static func flag(_ text: String) throws(ShelfError) -> Bool {
        switch text.lowercased() {
        case "true", "yes", "on", "1": return true
        case "false", "no", "off", "0", "": return false
        default: throw ShelfError(.usage, "favorite is true or false, not '\(SafeText.line(text))'")
        }
    }

    private static func items(_ text: String) -> [String] {
        text.unicodeScalars.split(separator: ",").compactMap { item in
            let isSpace: (Unicode.Scalar) -> Bool = { $0.properties.isWhitespace }
            let trimmed = item.drop(while: isSpace).reversed().drop(while: isSpace).reversed()
            var text = String.UnicodeScalarView()
            text.append(contentsOf: trimmed)
            return text.isEmpty ? nil : String(text)
        }
    }
}
