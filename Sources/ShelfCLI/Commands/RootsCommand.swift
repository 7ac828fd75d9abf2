internal import ShelfBase

extension Command {
    static let roots = Command(
        name: "roots", summary: "List, add or remove the registered model folders.",
        details: [
            "'modelshelf scan' without folders scans these. What stands before the first '=' is the type; a folder "
                + "whose name has one is written as ./a=b. Removing a folder from the list leaves its files alone."
        ],
        arguments: [
            ArgumentSpec("add|remove", .words(["add", "remove"]), optional: true, "What to do; list them without it."),
            ArgumentSpec("[TYPE=]DIR", .typedFolder, optional: true, repeats: true, "The folders; TYPE only for add."),
        ],
        examples: [
            Example("modelshelf roots", "List them."),
            Example("modelshelf roots add LORA=~/models/loras", "Register a folder of LoRA files."),
            Example("modelshelf roots remove ~/models/loras", "Forget about it."),
        ]
    ) { (invocation, context) throws(ShelfError) -> Output in
        let words = invocation.arguments.dropFirst()
        switch invocation.arguments.first?.display {
        case nil: break
        case "add":
            let folders = words.compactMap { TypedFolder(expandHome($0, context)) }
            guard !folders.isEmpty, folders.count == words.count else {
                throw ShelfError(.usage, "roots add needs a folder")
            }
            for folder in folders { try context.engine.addRoot(folder.path, type: folder.type) }
        case "remove":
            guard !words.isEmpty, words.allSatisfy({ !$0.isEmpty }) else {
                throw ShelfError(.usage, "roots remove needs a folder")
            }
            for folder in words { try context.engine.removeRoot(folder) }
        case "import": throw ShelfError(.usage, "roots import is not something that this version does")
        case let word?:
            throw ShelfError(
                .usage, "roots does not know '\(SafeText.line(word))'", hint: "it knows add and remove")
        }
        let document = try context.engine.roots()
        return Output(document: document, messages: rootNotes(document), lines: { rootLines(document, $0) })
    }

    /// Shells expand `~` at the start of a word, and some not after `TYPE=`.
    static func expandHome(_ word: FilePath, _ context: Context) -> FilePath {
        guard let folder = TypedFolder(word), let type = folder.type, folder.path.bytes.starts(with: Array("~/".utf8)),
            let home = context.console.terminal.environment("HOME")
        else { return word }
        return FilePath(bytes: Array("\(type)=\(home)".utf8) + folder.path.bytes.dropFirst())
    }

    private static func rootNotes(_ document: JSONObject) -> [Message] {
        document["roots"]?.array?.isEmpty == false
            ? [] : [.note("No folder is registered; 'modelshelf roots add DIR' does it.")]
    }

    private static func rootLines(_ document: JSONObject, _ layout: Layout) -> [String] {
        let roots = document["roots"]?.array ?? []
        guard !roots.isEmpty else { return [] }
        var table = Table(columns: [
            Table.Column(title: "FOLDER", minimum: 20), Table.Column(title: "TYPE"), Table.Column(title: "STATE"),
            Table.Column(title: "FILES", isRight: true),
        ])
        table.rows = roots.map { root in
            let text = RecordText(root)
            return [
                HashResults.path(root).map { SafeText.line($0) } ?? "?", text.string("type") ?? "-",
                text.string("state") ?? "-", text.string("files") ?? "-",
            ]
        }
        return table.lines(layout)
    }
}
