internal import ShelfBase

/// What a value is: completion offers files, folders or words by it.
enum ValueKind: Sendable, Equatable {
    case text
    case number
    case file
    case folder
    /// `TYPE=DIR`.
    case typedFolder
    /// Words that are offered; others may be accepted too.
    case words([String])
}

/// One option of a command, by its long name.
struct OptionSpec: Sendable {
    /// What stands after an option.
    struct Value: Sendable, Equatable {
        let name: String
        let kind: ValueKind
    }

    /// With its dashes.
    let name: String
    let value: Value?
    let isRepeatable: Bool
    let summary: String

    static func flag(_ name: String, _ summary: String) -> OptionSpec {
        OptionSpec(name: name, value: nil, isRepeatable: false, summary: summary)
    }

    static func value(
        _ name: String, _ valueName: String, _ kind: ValueKind = .text, repeats: Bool = false, _ summary: String
    ) -> OptionSpec {
        OptionSpec(name: name, value: Value(name: valueName, kind: kind), isRepeatable: repeats, summary: summary)
    }

    /// Of every command that reads much.
    static let background = flag(
        "--background", "Read and hash with the lowest priority for processor and disk.")

    /// Of commands that ask by themselves; the configuration may say either.
    static let lookup = flag(
        "--lookup", "Ask Civitai even if the configuration says not to; never about folders with lookup = false.")
    static let noLookup = flag("--no-lookup", "Do not ask Civitai.")
    static let noPreviews = flag("--no-previews", "Fetch none, whatever the configuration says.")

    /// `--algo NAME`
    var synopsis: String { value.map { "\(name) \($0.name)" } ?? name }
}

/// One argument of a command that is not an option.
struct ArgumentSpec: Sendable {
    let name: String
    let kind: ValueKind
    let isOptional: Bool
    let isRepeated: Bool
    let summary: String

    init(_ name: String, _ kind: ValueKind, optional: Bool = false, repeats: Bool = false, _ summary: String) {
        self.name = name
        self.kind = kind
        isOptional = optional
        isRepeated = repeats
        self.summary = summary
    }

    /// `[DIR…]`
    var synopsis: String {
        let text = isRepeated ? "\(name)…" : name
        return isOptional ? "[\(text)]" : text
    }
}

/// One command: what it is called, what it takes, and what it does.
///
/// Parser, help, completion scripts and `docs/cli.md` are all made from these values.
struct Command: Sendable {
    typealias Body = @Sendable (Invocation, Context) throws(ShelfError) -> Output

    /// A line to try, and what it does.
    struct Example: Sendable {
        let line: String
        let meaning: String

        init(_ line: String, _ meaning: String) {
            self.line = line
            self.meaning = meaning
        }
    }

    let name: String
    let summary: String
    /// Paragraphs below the summary.
    var details: [String] = []
    var arguments: [ArgumentSpec] = []
    var options: [OptionSpec] = []
    var examples: [Example] = []
    /// Words with one dash after the first argument are arguments, such as `-b` in `tag WHAT +a -b`.
    var takesDashWords = false
    /// Every word after the command's name is an argument: options there are somebody else's.
    var takesRest = false
    /// Whether Ctrl-C and SIGTERM are taken by ``Interrupts``; false where an interpreter takes them.
    var ownsSignals: @Sendable (Invocation) -> Bool = { _ in true }
    /// With `--json` it prints a document a line, and so its error too.
    var printsJSONLines = false
    /// Options that are refused with a word of explanation.
    var refused: [String] = []
    let run: Body

    /// `modelshelf scan [DIR…] [OPTION…]`
    var usage: String {
        (["modelshelf", name] + arguments.map(\.synopsis) + (options.isEmpty ? [] : ["[OPTION…]"]))
            .joined(separator: " ")
    }
}
