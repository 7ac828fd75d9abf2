/// `docs/cli.md`, made from the command tree; `modelshelf help --markdown` prints it.
enum ManualPage {
    static func lines(_ tree: CommandTree) -> [String] {
        var lines = [
            "# The command line", "",
            "<!-- Made by `modelshelf help --markdown`; edit the command tree in Sources/ShelfCLI instead. -->", "",
            "`\(CommandTree.usage)`", "",
            "Results go to standard output, progress and messages to standard error. Options stand anywhere on the line,",
            "as `--name value` or `--name=value`; `--` ends them, for names that begin with a dash.", "",
        ]
        lines += ["| command | does |", "|---|---|"]
        lines += tree.commands.map { "| [`\($0.name)`](#\($0.name)) | \(cell($0.summary)) |" }
        lines += ["", "## Options of every command", ""]
        lines += options(CommandTree.globalOptions)
        lines += ["", "## Exit status", "", "| status | meaning |", "|---|---|"]
        lines += ExitStatusText.rows.map { "| \($0.status) | \($0.meaning) |" }
        lines += ["", "When several apply: 130, 5, 2, 4, 3, 1. The codes of errors are in [errors.md](errors.md)."]
        for command in tree.commands { lines += section(command) }
        return lines
    }

    private static func section(_ command: Command) -> [String] {
        var lines = ["", "## \(command.name)", "", "`\(command.usage)`", "", command.summary]
        for paragraph in command.details { lines += ["", paragraph] }
        if !command.arguments.isEmpty {
            lines += ["", "| argument | meaning |", "|---|---|"]
            lines += command.arguments.map { "| `\($0.synopsis)` | \(cell($0.summary)) |" }
        }
        if !command.options.isEmpty { lines += [""] + options(command.options) }
        if !command.examples.isEmpty {
            lines += ["", "```sh"]
            lines += command.examples.flatMap { ["# " + $0.meaning, $0.line] }
            lines += ["```"]
        }
        return lines
    }

    private static func options(_ options: [OptionSpec]) -> [String] {
        ["| option | meaning |", "|---|---|"]
            + options.map { "| `\($0.synopsis)`\($0.isRepeatable ? "…" : "") | \(cell($0.summary)) |" }
    }

    /// A bar would end the cell.
    private static func cell(_ text: String) -> String {
        text.split(separator: "|", omittingEmptySubsequences: false).joined(separator: "\\|")
    }
}
