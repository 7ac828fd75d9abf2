internal import ModelShelf
internal import ShelfBase

/// Help for the terminal, made from the command tree.
enum HelpText {
    /// Help is laid out for eighty columns everywhere, so that it reads the same in a terminal and in a log.
    private static let width = 80

    static func output(_ tree: CommandTree, _ command: Command?) -> Output {
        let document = command.map { TreeDocument.command($0) } ?? TreeDocument.tree(tree)
        return Output(document: document, lines: { _ in command.map(lines) ?? overview(tree) })
    }

    static func overview(_ tree: CommandTree) -> [String] {
        var lines = ["modelshelf knows the Stable Diffusion model files on this machine.", ""]
        lines += ["Usage: " + CommandTree.usage, "", "Commands:"]
        lines += definitions(tree.commands.map { ($0.name, $0.summary) })
        lines += ["", "Options of every command:"]
        lines += definitions(CommandTree.globalOptions.map { ($0.synopsis, $0.summary) })
        return lines + ["", "'modelshelf help COMMAND' shows what a command takes."]
    }

    static func lines(_ command: Command) -> [String] {
        var lines = ["Usage: " + command.usage, ""]
        lines += Wrapping.lines(command.summary, width: width)
        for paragraph in command.details { lines += [""] + Wrapping.lines(paragraph, width: width) }
        if !command.arguments.isEmpty {
            lines += ["", "Arguments:"] + definitions(command.arguments.map { ($0.name, $0.summary) })
        }
        if !command.options.isEmpty {
            lines += ["", "Options:"]
            lines += definitions(command.options.map { ($0.synopsis + ($0.isRepeatable ? "…" : ""), $0.summary) })
        }
        lines += ["", "Options of every command:"]
        lines += definitions(CommandTree.globalOptions.map { ($0.synopsis, $0.summary) })
        if !command.examples.isEmpty {
            lines += ["", "Examples:"]
            for example in command.examples { lines += ["  " + example.line, "      " + example.meaning] }
        }
        return lines
    }

    private static func definitions(_ rows: [(term: String, meaning: String)]) -> [String] {
        let indent = (rows.map { DisplayWidth.of($0.term) }.max() ?? 0) + 4
        return rows.flatMap { row in
            let meaning = Wrapping.lines(row.meaning, width: width - indent)
            return meaning.enumerated().map { index, line in
                DisplayWidth.pad(index == 0 ? "  " + row.term : "", indent) + line
            }
        }
    }
}

/// What `--version` says.
enum VersionText {
    static func output() -> Output {
        Output(
            document: ["version": .string(ModelShelfVersion.text)],
            lines: { _ in
                ["modelshelf " + ModelShelfVersion.text]
            })
    }
}
