internal import ShelfBase

extension Command {
    static let help = Command(
        name: "help", summary: "Show the commands, or what one of them takes.",
        arguments: [ArgumentSpec("COMMAND", .text, optional: true, "The command to explain.")],
        options: [.flag("--markdown", "Print the manual page of all commands as Markdown.")],
        examples: [Example("modelshelf help scan", "What scan does and takes.")]
    ) { (invocation, context) throws(ShelfError) -> Output in
        let tree = context.tree
        if invocation.has("--markdown") {
            return Output(document: TreeDocument.tree(tree), lines: { _ in ManualPage.lines(tree) })
        }
        guard let word = invocation.arguments.first else { return HelpText.output(tree, nil) }
        guard let command = tree.command(word.display) else {
            let nearest = Suggestion.nearest(word.display, among: tree.commands.map(\.name))
            throw ShelfError(
                .usage, "unknown command '\(word.escaped)'", hint: nearest.map { "did you mean '\($0)'?" })
        }
        return HelpText.output(tree, command)
    }
}
