import ShelfBase
import Testing

@testable import ShelfCLI

struct HelpTests {
    @Test("Help of one command")
    func command() {
        #expect(
            run("help tag").output == """
                Usage: modelshelf tag WHAT +TAG|-TAG…

                Add tags to a model and take tags from it.

                Arguments:
                  WHAT       A path, a name, any hash, a Civitai URL or AIR, model:ID or
                             version:ID.
                  +TAG|-TAG  +TAG adds a tag, -TAG takes it away.

                Options of every command:
                  --json     Print exactly one JSON document: the result, or {"error":…}.
                  --db PATH  The database to use instead of $MODELSHELF_HOME/modelshelf.db.
                  --offline  Use no network at all.
                  --quiet    No progress, notes or warnings; errors are still said.
                  --verbose  Say what is done in detail.
                  --help     Show help for the command.
                  --version  Show the version.

                Examples:
                  modelshelf tag x.safetensors +style -test
                      Add one tag, take another away.

                """)
        #expect(run("tag --help").output == run("help tag").output)
    }

    @Test("Help names every command and nothing that does not exist")
    func overview() {
        let ran = run("--help")
        #expect(ran.status == 0)
        #expect(ran.output == run("help").output)
        for command in CommandTree.current.commands { #expect(ran.output.contains("\n  \(command.name) ")) }
        for absent in ["updates", "duplicates", "forget"] {
            #expect(!ran.output.contains("\n  \(absent) "))
        }
    }

    @Test("Help fits eighty columns", arguments: CommandTree.current.commands.map(\.name))
    func width(name: String) throws {
        let command = try #require(CommandTree.current.command(name))
        for line in HelpText.lines(command) where !line.hasPrefix("  modelshelf") && !line.hasPrefix("Usage") {
            #expect(DisplayWidth.of(line) <= 80)
        }
    }

    @Test("Examples are lines that the parser takes", arguments: CommandTree.current.commands.map(\.name))
    func examples(name: String) throws {
        let command = try #require(CommandTree.current.command(name))
        for example in command.examples where example.line.hasPrefix("modelshelf ") {
            let words = shellWords(example.line).dropFirst().map { FilePath($0) }
            guard case .run(let parsed, _) = try ArgumentParser(tree: .current).parse(words) else {
                Issue.record("\(example.line) is no command")
                continue
            }
            #expect(parsed.name == name)
        }
    }

    /// The words of the first command of a line, as far as examples need it: single quotes, no escapes.
    private func shellWords(_ line: String) -> [String] {
        var words: [String] = []
        for (index, part) in line.prefix(while: { !"|>".contains($0) }).split(separator: "'").enumerated() {
            if index % 2 == 1 {
                let start = words.last?.hasSuffix("=") == true ? words.removeLast() : ""
                words.append(start + part)
            } else {
                words += part.split(separator: " ").map(String.init)
            }
        }
        return words
    }

    @Test("Help and version as JSON are one document")
    func json() {
        #expect(run("help --json").document?["commands"]?.array?.count == CommandTree.current.commands.count)
        #expect(run("scan --help --json").document?["name"]?.string == "scan")
        #expect(run("--version --json").document?["version"]?.string != nil)
        #expect(run("--version").output.hasPrefix("modelshelf "))
    }

    @Test("The page in docs is what the tree says; 'modelshelf help --markdown > docs/cli.md' renews it")
    func manual() throws {
        let page = try ReadableFile(FilePath(#filePath).parent.parent.parent.appending("docs/cli.md"))
        let text = String(decoding: try page.bytes(at: 0, count: Int(page.size)), as: UTF8.self)
        #expect(text == run("help --markdown").output)
    }

    @Test("Every option and command has one name")
    func unique() {
        let globals = CommandTree.globalOptions.map(\.name)
        #expect(Set(CommandTree.current.commands.map(\.name)).count == CommandTree.current.commands.count)
        for command in CommandTree.current.commands {
            let names = globals + command.options.map(\.name)
            #expect(Set(names).count == names.count)
            #expect(names.allSatisfy { $0.hasPrefix("--") })
        }
    }

    @Test("Completion scripts name every command and option", arguments: KnownWords.shells)
    func completions(shell: String) {
        let ran = run("completions \(shell)")
        #expect(ran.status == 0)
        for command in CommandTree.current.commands {
            #expect(ran.output.contains(command.name))
            for option in command.options {
                #expect(ran.output.contains(shell == "fish" ? "-l \(option.name.dropFirst(2)) " : option.name))
            }
        }
        #expect(run("completions tcsh").status == 2)
    }
}
