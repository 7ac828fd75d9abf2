internal import ModelShelf
internal import ShelfBase

extension Command {
    static let tag = Command(
        name: "tag", summary: "Add tags to a model and take tags from it.",
        arguments: [.what, ArgumentSpec("+TAG|-TAG", .text, repeats: true, "+TAG adds a tag, -TAG takes it away.")],
        examples: [Example("modelshelf tag x.safetensors +style -test", "Add one tag, take another away.")],
        takesDashWords: true
    ) { (invocation, context) throws(ShelfError) -> Output in
        var edits: [UserEdit] = []
        for word in invocation.arguments.dropFirst() { edits.append(try tagEdit(word)) }
        return record(try context.engine.update(try invocation.what(), edits))
    }

    static func tagEdit(_ word: FilePath) throws(ShelfError) -> UserEdit {
        let text = try Invocation.text(word, of: "TAG")
        let tag = String(text.unicodeScalars.dropFirst())
        guard !tag.isEmpty else { throw ShelfError(.usage, "a tag is empty") }
        switch text.unicodeScalars.first {
        case "+": return .addTag(tag)
        case "-": return .removeTag(tag)
        default:
            let shown = SafeText.line(text)
            throw ShelfError(.usage, "'\(shown)' says neither + nor -", hint: "write +\(shown) or -\(shown)")
        }
    }
}
