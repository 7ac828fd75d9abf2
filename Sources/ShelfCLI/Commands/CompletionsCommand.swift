internal import ShelfBase

extension Command {
    static let completions = Command(
        name: "completions", summary: "Print a completion script for a shell.",
        arguments: [ArgumentSpec("SHELL", .words(KnownWords.shells), "bash, zsh or fish.")],
        examples: [
            Example("source <(modelshelf completions bash)", "In ~/.bashrc."),
            Example("modelshelf completions zsh > \"${fpath[1]}/_modelshelf\"", "Once, for zsh."),
            Example("modelshelf completions fish > ~/.config/fish/completions/modelshelf.fish", "Once, for fish."),
        ]
    ) { (invocation, context) throws(ShelfError) -> Output in
        let shell = invocation.arguments[0].display
        let lines: [String] =
            switch shell {
            case "bash": BashCompletion.lines(context.tree)
            case "zsh": ZshCompletion.lines(context.tree)
            case "fish": FishCompletion.lines(context.tree)
            default:
                throw ShelfError(
                    .usage, "there is no script for '\(SafeText.line(shell))'",
                    hint: "there are scripts for bash, zsh and fish")
            }
        let script = lines.map { $0 + "\n" }.joined()
        return Output(document: ["shell": .string(shell), "script": .string(script)], lines: { _ in lines })
    }
}
