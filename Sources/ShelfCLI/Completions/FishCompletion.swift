/// The completion script for fish.
enum FishCompletion {
    static func lines(_ tree: CommandTree) -> [String] {
        let names = tree.commands.map(\.name).joined(separator: " ")
        var lines = [
            "# fish completion for modelshelf", "complete -c modelshelf -f", "set -l commands \(names)",
        ]
        lines += CommandTree.globalOptions.map { "complete -c modelshelf \(option($0))" }
        for command in tree.commands {
            lines.append(
                "complete -c modelshelf -n \"not __fish_seen_subcommand_from $commands\" "
                    + "-a \(command.name) -d \(quote(command.summary))")
        }
        for command in tree.commands {
            let condition = "complete -c modelshelf -n '__fish_seen_subcommand_from \(command.name)'"
            lines += command.options.map { "\(condition) \(option($0))" }
            if command.name == "help" { lines.append("\(condition) -a \"$commands\"") }
            lines += command.arguments.compactMap { action($0.kind).map { "\(condition) \($0)" } }
        }
        return lines
    }

    private static func option(_ option: OptionSpec) -> String {
        var text = "-l \(option.name.dropFirst(2)) -d \(quote(option.summary))"
        if let value = option.value { text += " -r" + (action(value.kind).map { " " + $0 } ?? "") }
        return text
    }

    private static func action(_ kind: ValueKind) -> String? {
        switch kind {
        case .text, .number: nil
        case .file: "-F"
        case .folder, .typedFolder: "-a '(__fish_complete_directories)'"
        case .words(let words): "-a \(quote(words.joined(separator: " ")))"
        }
    }

    private static func quote(_ text: String) -> String {
        "'" + text.reduce(into: "") { $0 += "'\\".contains($1) ? "\\\($1)" : "\($1)" } + "'"
    }
}
