/// The completion function for zsh, in terms of its `_arguments`.
enum ZshCompletion {
    static func lines(_ tree: CommandTree) -> [String] {
        var lines = [
            "#compdef modelshelf", "", "_modelshelf() {",
            "    local context state state_descr line curcontext=$curcontext",
            "    typeset -A opt_args", "    local -a globals commands", "    globals=(",
        ]
        lines += CommandTree.globalOptions.map { "        \(option($0))" }
        lines += ["    )", "    commands=("]
        lines += tree.commands.map { "        \(quote("\($0.name):\($0.summary)"))" }
        lines += [
            "    )", "    _arguments -C $globals '1:command:->command' '*::argument:->arguments'", "    case $state in",
            "        command) _describe command commands ;;", "        arguments)", "            case $words[1] in",
        ]
        for command in tree.commands {
            lines.append("                \(command.name)) _arguments $globals\(arguments(command)) ;;")
        }
        return lines + ["            esac", "            ;;", "    esac", "}", "", "_modelshelf \"$@\""]
    }

    private static func arguments(_ command: Command) -> String {
        var parts = command.options.map(option)
        for argument in command.arguments {
            let action = command.name == "help" ? "_describe command commands" : action(argument.kind)
            parts.append(quote("\(argument.isRepeated ? "*" : ""):\(plain(argument.name)):\(action)"))
        }
        return parts.map { " \\\n                    " + $0 }.joined()
    }

    private static func option(_ option: OptionSpec) -> String {
        let star = option.isRepeatable ? "*" : ""
        guard let value = option.value else { return quote("\(star)\(option.name)[\(plain(option.summary))]") }
        return quote("\(star)\(option.name)=[\(plain(option.summary))]:\(plain(value.name)):\(action(value.kind))")
    }

    private static func action(_ kind: ValueKind) -> String {
        switch kind {
        case .text, .number: " "
        case .file: "_files"
        case .folder, .typedFolder: "_files -/"
        case .words(let words): "(\(words.joined(separator: " ")))"
        }
    }

    /// Brackets and colons mean something to `_arguments`.
    private static func plain(_ text: String) -> String {
        text.reduce(into: "") { $0 += "[]:\\".contains($1) ? "\\\($1)" : "\($1)" }
    }

    private static func quote(_ text: String) -> String {
        "'" + text.reduce(into: "") { $0 += $1 == "'" ? "'\\''" : "\($1)" } + "'"
    }
}
