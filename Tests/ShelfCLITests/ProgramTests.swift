import Glibc
import ShelfBase
import Testing

@testable import ShelfCLI

struct ProgramTests {
    @Test("With --json there is one document whatever happens, and nothing else on standard output")
    func oneDocument() {
        for line in [
            "--json", "--json nonsense", "scan --json --bogus", "info --json", "info x --json", "list --json",
            "roots --json", "set x --json a", "completions bash --json", "help --json", "lookup a --json",
        ] {
            let ran = run(line)
            #expect(ran.document?.object != nil, "\(line)")
            #expect(ran.terminal.outputWrites == 1)
            #expect((ran.status == 0) == (ran.document?["error"] == nil), "\(line)")
        }
    }

    @Test("An error is a sentence with a hint and, for wrong use, the usage line")
    func errors() {
        #expect(
            run("scan --jbos 3").messages
                == "modelshelf: unknown option '--jbos' (did you mean '--jobs'?)\n"
                + "Usage: modelshelf scan [DIR…] [OPTION…]\n")
        let error = ShelfError(.unreadable, "cannot open it", path: FilePath("a\u{1b}"), hint: "give the right")
        #expect(Message.error(error).text == "a\\x1b: cannot open it (give the right)")
    }

    @Test("--json after -- is a name")
    func name() {
        let ran = run("info -- --json")
        #expect(ran.engine.calls.first == "record --json")
        #expect(ran.document == nil)
    }

    @Test("A reader that went away ends quietly; a full disk does not")
    func outputErrors() {
        let closed = run("help", terminal: RecordingTerminal(result: .closed))
        #expect(closed.status == 141)
        #expect(closed.messages.isEmpty)
        let full = run("help", terminal: RecordingTerminal(result: .failed(ENOSPC)))
        #expect(full.status == 1)
        #expect(full.messages.hasPrefix("modelshelf: standard output: cannot write it: No space left"))
    }

    @Test("Quiet keeps errors and drops notes and warnings")
    func quiet() {
        #expect(run("list --quiet").messages.isEmpty)
        #expect(run("hash x --quiet").messages.hasPrefix("modelshelf: x: "))
    }

    @Test("What the core logs is shown by level")
    func log() {
        #expect(Program.logLevel(GlobalOptions()) == .warning)
        #expect(Program.logLevel(GlobalOptions(quiet: true)) == .error)
        #expect(Program.logLevel(GlobalOptions(quiet: true, verbose: true)) == .debug)
        #expect(Program.logMessage(.warning, "a\u{1b}") == .warning("a\\x1b"))
        #expect(Program.logMessage(.debug, "a") == .note("modelshelf: a"))
    }

    @Test("The first signal cancels work, the second ends, one told twice counts once")
    func signals() throws {
        let interrupts = Interrupts()
        let second: Int64 = 1_000_000_000
        try interrupts.whileWorking { (cancellation) throws(ShelfError) in
            #expect(!cancellation.isCancelled)
            #expect(interrupts.receive(now: 5 * second) == .cancel)
            #expect(cancellation.isCancelled)
            #expect(interrupts.receive(now: 5 * second + 1_000_000) == .ignore)
            #expect(interrupts.receive(now: 6 * second) == .exit)
        }
        #expect(Interrupts().receive(now: second) == .exit)
    }

    @Test("Output larger than a pipe arrives whole, also through a non-blocking one")
    func largeOutput() throws {
        var ends: [Int32] = [0, 0]
        try #require(pipe(&ends) == 0)
        let (reader, writer) = (ends[0], ends[1])
        _ = fcntl(writer, F_SETFL, O_NONBLOCK)
        let bytes = (0..<1_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        let sender = ThreadHandle.start {
            _ = SystemTerminal(output: writer).writeOutput(bytes)
            close(writer)
        }
        let received = try SystemTerminal(input: reader).readInput(limit: 2_000_000)
        sender?.join()
        close(reader)
        #expect(received == bytes)
    }

    @Test("Input over the limit is refused")
    func largeInput() throws {
        var ends: [Int32] = [0, 0]
        try #require(pipe(&ends) == 0)
        defer { close(ends[0]) }
        #expect(SystemTerminal(output: ends[1]).writeOutput([1, 2, 3]) == .written)
        close(ends[1])
        #expect(throws: ShelfError.self) { try SystemTerminal(input: ends[0]).readInput(limit: 2) }
    }
}
