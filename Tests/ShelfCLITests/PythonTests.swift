import ShelfBase
import Testing

@testable import ShelfCLI

struct PythonTests {
    private func invocation(_ words: [String]) throws -> Invocation {
        guard
            case .run(let command, let invocation) = try ArgumentParser(tree: .current).parse(
                words.map { FilePath($0) })
        else { throw ShelfError(.internalError, "not a command") }
        #expect(command.name == "python")
        return invocation
    }

    @Test("What follows the name is python3's own line, whatever it looks like")
    func words() throws {
        let rest = ["-c", "x", "--json", "--db", "--help", "--", "-h", "--version", "--quiet=1"]
        let line = try invocation(["--db", "x.db", "--offline", "python"] + rest)
        #expect(line.arguments == rest.map { FilePath($0) })
        #expect(line.global == GlobalOptions(database: FilePath("x.db"), offline: true))
        #expect(line.options.isEmpty)
        #expect(try invocation(["python"]).arguments.isEmpty)
    }

    @Test("Help right behind the name is ours")
    func help() throws {
        for word in ["--help", "-h"] {
            guard
                case .help(let command) = try ArgumentParser(tree: .current).parse([FilePath("python"), FilePath(word)])
            else {
                Issue.record("no help for \(word)")
                continue
            }
            #expect(command?.name == "python")
        }
    }

    @Test("A --json of the script asks nothing of us")
    func json() {
        func asks(_ line: String) -> Bool {
            ArgumentParser.asksForJSON(line.split(separator: " ").map { FilePath(String($0)) })
        }
        #expect(!asks("python x.py --json"))
        #expect(asks("--json python x.py"))
        #expect(asks("scan x --json"))
        #expect(asks("scan python --json"))
    }

    @Test("Signals are the interpreter's where there is one")
    func signals() {
        func owns(_ line: String) -> Bool {
            Program.ownsSignals(line.split(separator: " ").map { FilePath(String($0)) })
        }
        #expect(!owns("python x.py"))
        #expect(!owns("watch m --exec x.py"))
        #expect(owns("watch m"))
        #expect(owns("help python"))
        #expect(owns("nonsense"))
    }

    @Test("The answer of a Python")
    func answer() throws {
        let text =
            "cpython\u{0}3.12\u{0}/v/bin/python3\u{0}0\u{0}/a\n\n/b/../lib\u{0}libpython3.12.so.1.0\nlibpython3.12.so"
        let answer = try #require(PythonInstallation.answer(Array(text.utf8)))
        #expect((answer.major, answer.minor) == (3, 12))
        #expect(answer.program == FilePath("/v/bin/python3"))
        #expect(answer.folders == [FilePath("/a"), FilePath("/b/../lib")])
        #expect(answer.names == [FilePath("libpython3.12.so.1.0"), FilePath("libpython3.12.so")])
        #expect(!answer.isFreeThreaded)
    }

    @Test(
        "What is no answer",
        arguments: ["", "cpython", "cpython\u{0}3\u{0}/p\u{0}0\u{0}\u{0}", "a\u{0}3.1\u{0}\u{0}\u{0}\u{0}"])
    func noAnswer(text: String) {
        #expect(PythonInstallation.answer(Array(text.utf8)) == nil)
    }

    @Test("Names of libraries")
    func libraries() {
        #expect(PythonFinder.isLibrary(FilePath("/usr/lib/libpython3.12.so")))
        #expect(PythonFinder.isLibrary(FilePath("libpython3.12.so.1.0")))
        #expect(!PythonFinder.isLibrary(FilePath("/usr/bin/python3.12")))
        #expect(PythonFinder.version(inName: FilePath("libpython3.12.so.1.0")) == "3.12")
        #expect(PythonFinder.version(inName: FilePath("libpython3.so")) == nil)
        #expect(PythonFinder.version(inName: FilePath("python3.12")) == nil)
    }
}
