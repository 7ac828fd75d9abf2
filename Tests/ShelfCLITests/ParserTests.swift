import ShelfBase
import Testing

@testable import ShelfCLI

struct ParserTests {
    private func parse(_ words: [String]) throws -> (command: String, invocation: Invocation) {
        let request = try ArgumentParser(tree: .current).parse(words.map { FilePath($0) })
        guard case .run(let command, let invocation) = request else {
            throw ShelfError(.internalError, "not a command: \(request)")
        }
        return (command.name, invocation)
    }

    private func failure(_ words: [String]) -> ShelfError? {
        do throws(ParseFailure) {
            _ = try ArgumentParser(tree: .current).parse(words.map { FilePath($0) })
            return nil
        } catch {
            return error.error
        }
    }

    @Test("Global options stand anywhere on the line")
    func globals() throws {
        for words in [
            ["--json", "--db", "x.db", "scan", "a", "b"], ["scan", "a", "--db=x.db", "b", "--json"],
            ["--db=x.db", "scan", "--json", "a", "--", "b"],
        ] {
            let (command, invocation) = try parse(words)
            #expect(command == "scan")
            #expect(invocation.arguments == [FilePath("a"), FilePath("b")])
            #expect(invocation.global == GlobalOptions(json: true, database: FilePath("x.db")))
        }
    }

    @Test("Repeated options keep their values in order, whatever stands between")
    func repeated() throws {
        let (_, invocation) = try parse(["scan", "--type", "LORA=a", "d", "--type=VAE=b=c", "--jobs", "2", "--jobs=3"])
        #expect(invocation.values("--type") == [FilePath("LORA=a"), FilePath("VAE=b=c")])
        #expect(try invocation.number("--jobs", minimum: 1) == 3)
        #expect(invocation.arguments == [FilePath("d")])
    }

    @Test("Words are bytes")
    func bytes() throws {
        let name = FilePath(bytes: [0x66, 0xff, 0x2e])
        guard case .run(_, let invocation) = try ArgumentParser(tree: .current).parse([FilePath("info"), name]) else {
            Issue.record("not a command")
            return
        }
        #expect(invocation.arguments == [name])
    }

    @Test("Two dashes end the options, one dash is a name")
    func dashes() throws {
        #expect(try parse(["info", "--", "--json"]).invocation.arguments == [FilePath("--json")])
        #expect(try parse(["info", "--", "--json"]).invocation.global.json == false)
        #expect(try parse(["hash", "--check", "-"]).invocation.values("--check") == [FilePath("-")])
        #expect(try parse(["hash", "-"]).invocation.arguments == [FilePath("-")])
    }

    @Test("-b is a tag to take away, but only after the model")
    func tags() throws {
        let (_, invocation) = try parse(["tag", "x", "+a", "-b", "--json", "-h"])
        #expect(invocation.arguments.map(\.display) == ["x", "+a", "-b", "-h"])
        #expect(invocation.global.json)
        #expect(failure(["tag", "-b", "x"])?.message == "unknown option '-b'")
        #expect(try parse(["tag", "--", "-x", "+a"]).invocation.arguments.map(\.display) == ["-x", "+a"])
    }

    @Test(
        "Wrong lines say what is wrong and what may be meant",
        arguments: [
            ("", "no command given", "'modelshelf help' shows the commands"),
            ("scna", "unknown command 'scna'", "did you mean 'scan'?"),
            ("frobnicate x", "unknown command 'frobnicate'", "'modelshelf help' shows the commands"),
            ("scan --jbos 2", "unknown option '--jbos'", "did you mean '--jobs'?"),
            ("scan --qiuet", "unknown option '--qiuet'", "did you mean '--quiet'?"),
            ("scan -x", "unknown option '-x'", nil),
            ("scan --sidecars", "--sidecars needs a value: --sidecars FORMAT[,FORMAT]", nil),
            ("scan --jobs", "--jobs needs a value: --jobs N", nil),
            ("scan --jobs --json", "--jobs needs a value: --jobs N", nil),
            ("scan --jobs=", "--jobs needs a value: --jobs=N", nil),
            ("scan --json=1", "--json takes no value", nil),
            ("--jobs 3 scan", "--jobs belongs to a command", "write it after the command"),
            ("info", "info needs WHAT", nil),
            ("info a b", "info does not take 'b'", nil),
            ("tag x", "tag needs +TAG|-TAG", nil),
            ("doctor now", "doctor does not take 'now'", nil),
        ] as [(String, String, String?)])
    func wrong(line: String, message: String, hint: String?) {
        let error = failure(line.split(separator: " ").map(String.init))
        #expect(error?.code == .usage)
        #expect(error?.message == message)
        #expect(error?.hint == hint)
    }

    @Test("Help and version work on lines that are otherwise wrong")
    func help() throws {
        func helped(_ words: [String]) throws -> String? {
            let request = try ArgumentParser(tree: .current).parse(words.map { FilePath($0) })
            guard case .help(let command) = request else { return "no help" }
            return command?.name
        }
        #expect(try helped(["--help"]) == nil)
        #expect(try helped(["scan", "--bogus", "--help"]) == "scan")
        #expect(try helped(["--db", "x", "scan", "-h"]) == "scan")
        #expect(try helped(["nonsense", "--help"]) == nil)
        guard case .version = try ArgumentParser(tree: .current).parse([FilePath("scan"), FilePath("--version")]) else {
            Issue.record("no version")
            return
        }
    }

    @Test(
        "Distance counts insertions, removals, replacements and swaps",
        arguments: [
            ("scan", "scan", 0), ("scna", "scan", 1), ("sacn", "scan", 1), ("", "abc", 3), ("kitten", "sitting", 3),
        ])
    func distance(left: String, right: String, expected: Int) {
        #expect(Suggestion.distance(left, right) == expected)
        #expect(Suggestion.distance(right, left) == expected)
    }

    @Test("What is not close is not suggested, and long words end soon")
    func notClose() {
        #expect(Suggestion.nearest("photograph", among: CommandTree.current.commands.map(\.name)) == nil)
        #expect(Suggestion.nearest(String(repeating: "x", count: 100_000), among: ["scan"]) == nil)
    }
}
