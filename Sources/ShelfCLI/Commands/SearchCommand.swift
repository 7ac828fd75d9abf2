internal import ShelfBase

extension Command {
    static let search = Command(
        name: "search", summary: "Search names, trigger words, tags, descriptions and notes.",
        details: ["Every word must occur, at least as the beginning of a word."],
        arguments: [ArgumentSpec("TEXT", .text, repeats: true, "The words to look for.")],
        options: filterOptions,
        examples: [Example("modelshelf search exusiai --type LORA", "LoRA files that mention exusiai.")]
    ) { (invocation, context) throws(ShelfError) -> Output in
        let filter = try modelFilter(invocation)
        var words: [String] = []
        for word in invocation.arguments { words.append(try Invocation.text(word, of: "TEXT")) }
        return page(
            try context.engine.search(words.joined(separator: " "), filter), filter, command: "search")
    }
}
