internal import ShelfBase

/// Turns the words of the line into a request.
///
/// Options stand anywhere, as `--name value` or `--name=value`; `--` ends them. The last of several values counts,
/// unless the option may be repeated.
struct ArgumentParser {
    let tree: CommandTree

    private static let terminator = FilePath("--")

    /// Whether `--json` is asked for, also on a line that is otherwise wrong.
    static func asksForJSON(_ words: [FilePath], tree: CommandTree = .current) -> Bool {
        ArgumentParser(tree: tree).ownWords(words).contains(FilePath("--json"))
    }

    /// The words in which our own options may stand.
    private func ownWords(_ words: [FilePath]) -> ArraySlice<FilePath> {
        let own = words.prefix { $0 != Self.terminator }
        guard let command = findCommand(words), command.takesRest,
            let name = own.firstIndex(of: FilePath(command.name))
        else { return own }
        // Help may be asked for right behind the name; everything else there is not ours.
        let next = own.dropFirst(name + 1).prefix(1)
        let asksForHelp = next.contains(FilePath("--help")) || next.contains(FilePath("-h"))
        return own[...(asksForHelp ? name + 1 : name)]
    }

    func parse(_ words: [FilePath]) throws(ParseFailure) -> Request {
        let optionWords = ownWords(words)
        let command = findCommand(words)
        let shortHelp = command?.takesDashWords != true && optionWords.contains(FilePath("-h"))
        if optionWords.contains(FilePath("--help")) || shortHelp { return .help(command) }
        if optionWords.contains(FilePath("--version")) { return .version }
        var reader = LineReader(tree: tree, words: words)
        return try reader.read()
    }

    /// The command that the line names, for help on a line that need not be complete.
    private func findCommand(_ words: [FilePath]) -> Command? {
        var skipValue = false
        for word in words where word != Self.terminator {
            if skipValue {
                skipValue = false
            } else if word.bytes.first == UInt8(ascii: "-") {
                skipValue = CommandTree.globalOptions.contains { $0.value != nil && FilePath($0.name) == word }
            } else {
                return tree.command(word.display)
            }
        }
        return nil
    }
}

/// Reads one line from left to right.
private struct LineReader {
    let tree: CommandTree
    let words: [FilePath]
    var position = 0
    var command: Command?
    var invocation = Invocation()

    init(tree: CommandTree, words: [FilePath]) {
        self.tree = tree
        self.words = words
    }

    mutating func read() throws(ParseFailure) -> Request {
        var optionsEnded = false
        while position < words.count {
            let word = words[position]
            position += 1
            if optionsEnded || command?.takesRest == true || !looksLikeOption(word) {
                try take(word)
            } else if word == FilePath("--") {
                optionsEnded = true
            } else {
                try readOption(word)
            }
        }
        guard let command else {
            throw failure("no command given", hint: "'modelshelf help' shows the commands")
        }
        try checkCount(of: command)
        return .run(command, invocation)
    }

    private func looksLikeOption(_ word: FilePath) -> Bool {
        guard word.bytes.count > 1, word.bytes[0] == UInt8(ascii: "-") else { return false }
        let isLong = word.bytes[1] == UInt8(ascii: "-")
        return isLong || command?.takesDashWords != true || invocation.arguments.isEmpty
    }

    private mutating func take(_ word: FilePath) throws(ParseFailure) {
        guard command == nil else { return invocation.arguments.append(word) }
        command = tree.command(word.display)
        guard command == nil else { return }
        let names = tree.commands.map(\.name)
        throw failure(
            "unknown command '\(word.escaped)'",
            hint: Suggestion.nearest(word.display, among: names).map { "did you mean '\($0)'?" }
                ?? "'modelshelf help' shows the commands")
    }

    private mutating func readOption(_ word: FilePath) throws(ParseFailure) {
        let equals = word.bytes.firstIndex(of: UInt8(ascii: "="))
        let name = String(decoding: word.bytes[..<(equals ?? word.bytes.count)], as: UTF8.self)
        let attached = equals.map { FilePath(bytes: word.bytes[($0 + 1)...]) }
        guard let option = known(name) else { throw unknown(name) }
        let value = try value(of: option, attached: attached)
        switch name {
        case "--json": invocation.global.json = true
        case "--offline": invocation.global.offline = true
        case "--quiet": invocation.global.quiet = true
        case "--verbose": invocation.global.verbose = true
        case "--db": invocation.global.database = value
        default: invocation.options[name, default: []].append(value)
        }
    }

    private mutating func value(of option: OptionSpec, attached: FilePath?) throws(ParseFailure) -> FilePath {
        guard let value = option.value else {
            guard attached == nil else { throw failure("\(option.name) takes no value") }
            return FilePath(bytes: [])
        }
        if let attached {
            guard !attached.isEmpty else { throw failure("\(option.name) needs a value: \(option.name)=\(value.name)") }
            return attached
        }
        // A forgotten value must not swallow the option after it; `--name=--other` says it on purpose.
        guard position < words.count, !words[position].isEmpty, known(words[position].display) == nil else {
            throw failure("\(option.name) needs a value: \(option.synopsis)")
        }
        position += 1
        return words[position - 1]
    }

    private var knownOptions: [OptionSpec] { (command?.options ?? []) + CommandTree.globalOptions }

    private func known(_ name: String) -> OptionSpec? { knownOptions.first { $0.name == name } }

    private func unknown(_ name: String) -> ParseFailure {
        if command?.refused.contains(name) == true {
            return failure("\(name) is not something that this version does")
        }
        let shown = SafeText.line(name)
        if command == nil, tree.commands.contains(where: { $0.options.contains { $0.name == name } }) {
            return failure("\(shown) belongs to a command", hint: "write it after the command")
        }
        let nearest = Suggestion.nearest(name, among: knownOptions.map(\.name))
        return failure("unknown option '\(shown)'", hint: nearest.map { "did you mean '\($0)'?" })
    }

    private func checkCount(of command: Command) throws(ParseFailure) {
        let required = command.arguments.filter { !$0.isOptional }
        if invocation.arguments.count < required.count {
            let missing = required[invocation.arguments.count].name
            throw failure("\(command.name) needs \(missing)")
        }
        let accepts = command.arguments.contains(where: \.isRepeated) ? Int.max : command.arguments.count
        if invocation.arguments.count > accepts {
            throw failure("\(command.name) does not take '\(invocation.arguments[accepts].escaped)'")
        }
    }

    private func failure(_ message: String, hint: String? = nil) -> ParseFailure {
        ParseFailure(error: ShelfError(.usage, message, hint: hint), command: command)
    }
}
