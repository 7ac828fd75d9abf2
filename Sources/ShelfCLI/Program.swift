internal import Glibc
internal import ModelShelf
internal import ShelfBase

/// The command line as a function from words to an exit status.
public enum Program {
    /// Runs with the words and streams of the process.
    public static func main() -> Int32 {
        // Words are taken as the kernel gave them: a path need not be UTF-8.
        let words = (1..<max(1, Int(CommandLine.argc))).compactMap { index in
            CommandLine.unsafeArgv[index].map {
                FilePath(bytes: UnsafeRawBufferPointer(start: $0, count: strlen($0)))
            }
        }
        let console = Console(terminal: SystemTerminal())
        let interrupts = Interrupts()
        if ownsSignals(words) { interrupts.listen(console) }
        return run(words, console: console, interrupts: interrupts) { LibraryEngine($0) }
    }

    /// Signals must be taken over before there is any other thread: so this asks what the line will run.
    static func ownsSignals(_ words: [FilePath], tree: CommandTree = .current) -> Bool {
        guard case .run(let command, let invocation)? = try? ArgumentParser(tree: tree).parse(words) else {
            return true
        }
        return command.ownsSignals(invocation)
    }

    static func run(
        _ words: [FilePath], console: Console, interrupts: Interrupts = Interrupts(),
        tree: CommandTree = .current, engine makeEngine: (GlobalOptions) -> any Engine
    ) -> Int32 {
        let writer = OutputWriter(console: console, json: ArgumentParser.asksForJSON(words))
        do throws(ParseFailure) {
            switch try ArgumentParser(tree: tree).parse(words) {
            case .version: return writer.write(VersionText.output())
            case .help(let command): return writer.write(HelpText.output(tree, command))
            case .run(let command, let invocation):
                let engine = makeEngine(invocation.global)
                defer { engine.close() }
                return run(command, invocation, engine, writer, interrupts, tree)
            }
        } catch {
            return writer.write(error.error, usage: error.command?.usage ?? CommandTree.usage)
        }
    }

    private static func run(
        _ command: Command, _ invocation: Invocation, _ engine: any Engine, _ writer: OutputWriter,
        _ interrupts: Interrupts, _ tree: CommandTree
    ) -> Int32 {
        let options = invocation.global
        let console = writer.console
        // Where everything belongs to somebody else, messages of the core do too.
        if !command.takesRest { Log.listen(minimum: logLevel(options)) { console.say(logMessage($0, $1)) } }
        defer { Log.listen(nil) }
        let context = Context(
            engine: engine, console: console, interrupts: interrupts, tree: tree,
            progressMode: ProgressReporter.mode(options, console.terminal))
        do throws(ShelfError) {
            return writer.write(try command.run(invocation, context), quiet: options.quiet)
        } catch {
            return writer.write(error, usage: error.code == .usage ? command.usage : nil)
        }
    }

    /// Warnings of the core are shown, and with `--verbose` everything that it says.
    static func logLevel(_ options: GlobalOptions) -> Log.Level {
        options.verbose ? .debug : options.quiet ? .error : .warning
    }

    static func logMessage(_ level: Log.Level, _ text: String) -> Message {
        let line = SafeText.line(text)
        return switch level {
        case .warning: .warning(line)
        case .error: .error(line)
        default: .note("modelshelf: " + line)
        }
    }
}
