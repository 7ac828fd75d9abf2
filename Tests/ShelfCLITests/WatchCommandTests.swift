import ModelShelf
import ShelfBase
import Testing

@testable import ShelfCLI

struct WatchCommandTests {
    private static let path = FilePath("/m/a\u{1b}.safetensors")

    private static func events() -> [[WatchEvent]] {
        [
            [WatchEvent(.added, path, time: 0, model: Samples.record(path: path))], [],
            [
                WatchEvent(.moved, FilePath("/m/b"), oldPath: path, time: 1_000, model: Samples.record()),
                WatchEvent(.identified, FilePath("/m/b"), time: 2_000, model: Samples.record()),
                WatchEvent(.failed, FilePath("/m/c"), time: 3_000, error: ShelfError(.corruptFile, "a web page")),
                WatchEvent(.removed, FilePath("/m/b"), time: 4_000, model: Samples.record()),
            ],
        ]
    }

    @Test("Lines for people, harmless for the terminal; 130 at the end")
    func text() {
        let stream = FakeStream(Self.events())
        let ran = run("watch /m", engine: FakeEngine(watch: stream))
        #expect(
            ran.output == """
                added       /m/a\\x1b.safetensors  LORA, SDXL 1.0
                moved       /m/a\\x1b.safetensors -> /m/b  LORA, SDXL 1.0
                identified  /m/b  Exusiai, v2
                failed      /m/c  a web page
                removed     /m/b

                """)
        #expect(ran.status == 130)
        #expect(stream.isStopped)
        #expect(ran.engine.calls.first == "watch /m")
    }

    @Test("With --json each event is a line of JSON, and nothing else is")
    func json() throws {
        let ran = run("watch --json /m", engine: FakeEngine(watch: FakeStream(Self.events())))
        let lines = ran.output.split(separator: "\n")
        #expect(lines.count == 5)
        let events = try lines.map { try JSONValue.parse(String($0)) }
        #expect(events.map { $0["event"]?.string } == ["added", "moved", "identified", "failed", "removed"])
        #expect(events[0]["path"]?.string == Self.path.display)
        #expect(events[1]["old_path"]?.string == Self.path.display)
        #expect(events[0]["time"]?.string == "1970-01-01T00:00:00.000Z")
        #expect(events[3]["error"]?["code"]?.string == "corrupt_file")
        #expect(events[3]["model"]?.isNull == true)
        #expect(!ran.output.contains("\u{1b}"))
        #expect(ran.status == 130)
    }

    @Test("A reader that goes away ends it")
    func closed() {
        let terminal = RecordingTerminal(result: .closed)
        let stream = FakeStream(Self.events())
        #expect(run("watch /m", engine: FakeEngine(watch: stream), terminal: terminal).status == 141)
        #expect(stream.isStopped)
    }

    @Test("Wrong lines", arguments: ["watch", "watch --poll 0 /m", "watch --type x /m"])
    func usage(line: String) {
        #expect(run(line, engine: FakeEngine(watch: FakeStream([]))).status == 2)
    }

    @Test("A signal wakes work that only waits")
    func interrupts() throws {
        let interrupts = Interrupts()
        let stream = FakeStream(Self.events())
        try interrupts.whileWorking(stop: { stream.stop() }) { _ throws(ShelfError) -> Void in
            #expect(interrupts.receive(now: 0) == .cancel)
        }
        #expect(stream.isStopped)
    }
}
