/// The completion script for bash, without need of the bash-completion package.
enum BashCompletion {
    static func lines(_ tree: CommandTree) -> [String] {
        let globals = CommandTree.globalOptions
        let commandNames = tree.commands.map(\.name).joined(separator: " ")
        let valued = Set((globals + tree.commands.flatMap(\.options)).filter { $0.value != nil }.map(\.name)).sorted()
        var lines = [
            "# bash completion for modelshelf",
            "_modelshelf() {",
            "    local word=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]} command= index",
            "    # Bash breaks words at '='; what stands before it is the option.",
            "    if [[ $word == = ]]; then word=",
            "    elif [[ $previous == = ]]; then previous=${COMP_WORDS[COMP_CWORD-2]}; fi",
            "    for ((index = 1; index < COMP_CWORD; index++)); do",
            "        case ${COMP_WORDS[index]} in",
            "            \(globals.filter { $0.value != nil }.map(\.name).joined(separator: "|")))",
            "                if [[ ${COMP_WORDS[index+1]} == = ]]; then ((index++)); fi",
            "                ((index++)) ;;",
            "            -*) ;;",
            "            *) command=${COMP_WORDS[index]}; break ;;",
            "        esac",
            "    done",
            "    COMPREPLY=()",
            "    case $command:$previous in",
        ]
        for name in valued { lines += optionValues(name, tree) }
        lines += [
            "    esac",
            "    if [[ -z $command ]]; then",
            "        COMPREPLY=($(compgen -W '\(commandNames) \(names(globals))' -- \"$word\"))",
            "        return",
            "    fi",
            "    case $command in",
        ]
        for command in tree.commands {
            lines += ["        \(command.name))"] + self.command(command, globals, commandNames) + ["            ;;"]
        }
        return lines + ["    esac", "}", "complete -F _modelshelf modelshelf"]
    }

    private static func command(_ command: Command, _ globals: [OptionSpec], _ commandNames: String) -> [String] {
        var lines = [
            "            if [[ $word == -* ]]; then",
            "                COMPREPLY=($(compgen -W '\(names(command.options + globals))' -- \"$word\"))",
            "                return",
            "            fi",
        ]
        if command.name == "help" {
            lines.append("            COMPREPLY=($(compgen -W '\(commandNames)' -- \"$word\"))")
        }
        let kinds = command.arguments.map(\.kind)
        lines += kinds.compactMap(action).map { "            \($0)" }
        return lines
    }

    private static func optionValues(_ name: String, _ tree: CommandTree) -> [String] {
        var lines: [String] = []
        let owners: [(pattern: String, option: OptionSpec)] =
            CommandTree.globalOptions.map { ("*", $0) }
            + tree.commands.flatMap { command in command.options.map { (command.name, $0) } }
        for (pattern, option) in owners where option.name == name {
            guard let kind = option.value?.kind else { continue }
            lines.append("        \(pattern):\(name)) \(action(kind).map { $0 + "; " } ?? "")return ;;")
        }
        return lines
    }

    private static func action(_ kind: ValueKind) -> String? {
        switch kind {
        case .text, .number: nil
        case .file:
            "compopt -o filenames 2> /dev/null; mapfile -t -O ${#COMPREPLY[@]} COMPREPLY < <(compgen -f -- \"$word\")"
        case .folder, .typedFolder:
            "compopt -o filenames 2> /dev/null; mapfile -t -O ${#COMPREPLY[@]} COMPREPLY < <(compgen -d -- \"$word\")"
        case .words(let words): "COMPREPLY+=($(compgen -W '\(words.joined(separator: " "))' -- \"$word\"))"
        }
    }

    private static func names(_ options: [OptionSpec]) -> String { options.map(\.name).joined(separator: " ") }
}
