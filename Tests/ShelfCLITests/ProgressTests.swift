import ModelShelf
import ShelfBase
import Testing

@testable import ShelfCLI

struct ProgressTests {
    private static let state = ProgressState(
        phase: "hashing", files: 3, filesTotal: 12, bytes: 1_200_000_000, bytesTotal: 4_500_000_000,
        bytesPerSecond: 412_000_000, secondsLeft: 8, path: FilePath("/m/a\u{1b}.safetensors"))

    @Test("All that is known, in one line")
    func line() {
        #expect(
            ProgressLine.text(Self.state, width: nil)
                == "hashing 3/12 files  1.20 GB of 4.50 GB  412 MB/s  0:08 left  a\\x1b.safetensors")
        #expect(ProgressLine.text(ProgressState(phase: "finding", files: 1), width: 80) == "finding 1 file")
    }

    @Test("Always narrower than the terminal", arguments: [0, 1, 10, 40, 79, 80, 200])
    func width(columns: Int) {
        #expect(DisplayWidth.of(ProgressLine.text(Self.state, width: columns)) <= max(0, columns - 1))
    }

    @Test(
        "Where progress is shown",
        arguments: [
            ([:], true, "", .live), ([:], true, "--json", .live), ([:], true, "--quiet", .none),
            (["CI": "true"], true, "", .none), (["NO_COLOR": "1"], true, "", .none),
            (["TERM": "dumb"], true, "", .none),
            (["CI": "true"], true, "--verbose", .plain), ([:], false, "", .none), ([:], false, "--verbose", .plain),
        ] as [([String: String], Bool, String, ProgressReporter.Mode)])
    func mode(variables: [String: String], isTerminal: Bool, option: String, mode: ProgressReporter.Mode) {
        let terminal = RecordingTerminal(messageWidth: isTerminal ? 80 : nil, variables: variables)
        let options = GlobalOptions(
            json: option == "--json", quiet: option == "--quiet", verbose: option == "--verbose")
        #expect(ProgressReporter.mode(options, terminal) == mode)
    }

    @Test("The line is drawn in place, not too often, and taken away at the end")
    func live() {
        let terminal = RecordingTerminal(messageWidth: 80)
        let reporter = ProgressReporter(console: Console(terminal: terminal), mode: .live)
        for step in 0..<20 {
            var state = ProgressState(phase: "hashing")
            state.files = step
            reporter.show(state, now: Int64(step) * 10_000_000)
        }
        reporter.finish()
        #expect(terminal.messages == "\r\u{1b}[Khashing\r\u{1b}[Khashing 10 files\r\u{1b}[K")
    }

    @Test("Plain lines come every five seconds, none for what is over in a moment")
    func plain() {
        let terminal = RecordingTerminal()
        let reporter = ProgressReporter(console: Console(terminal: terminal), mode: .plain)
        for second in 0..<12 {
            var state = ProgressState(phase: "hashing")
            state.files = second
            reporter.show(state, now: Int64(second) * 1_000_000_000)
        }
        reporter.finish()
        #expect(terminal.messages == "modelshelf: hashing 5 files\nmodelshelf: hashing 10 files\n")
    }

    @Test("A message takes the place of the line, which comes back below it")
    func message() {
        let terminal = RecordingTerminal(messageWidth: 80)
        let console = Console(terminal: terminal)
        console.redraw("line")
        console.say(.warning("careful"))
        console.redraw("")
        #expect(terminal.messages == "\r\u{1b}[Kline\r\u{1b}[Kmodelshelf: warning: careful\nline\r\u{1b}[K")
    }

    @Test("No progress and no colour reach a pipe, and --json keeps standard output to one document")
    func streams() {
        #expect(run("scan a").messages.isEmpty)
        let ran = run("scan a --json", terminal: RecordingTerminal(messageWidth: 80))
        #expect(ran.messages == "\r\u{1b}[Khashing 0/2 files\r\u{1b}[K")
        #expect(ran.document != nil)
        #expect(run("scan a --quiet", terminal: RecordingTerminal(messageWidth: 80)).messages.isEmpty)
    }
}
