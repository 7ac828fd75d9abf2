import ModelShelf
import ShelfBase
import Testing

@testable import ShelfCLI

struct ScanCommandTests {
    private static func report() -> ScanReport {
        var report = ScanReport()
        report.files = 12
        report.new = 3
        report.moved = 1
        report.unchanged = 8
        report.hashed = 3
        report.bytesHashed = 4_200_000_000
        report.seconds = 2.1
        report.identified = 10
        report.notOnCivitai = 1
        report.pending = 1
        report.warnings = ["Civitai could not be reached\u{1b}[2J"]
        return report
    }

    @Test("A summary for people, warnings beside it")
    func summary() {
        let ran = run("scan models", engine: FakeEngine(scan: { Self.report() }))
        #expect(ran.status == 0)
        #expect(
            ran.output == """
                12 files: 3 new, 1 moved, 8 unchanged
                Hashed 3 files, 4.20 GB, in 2.1 s (2.00 GB/s)
                Civitai: 10 identified, 1 not there, 1 pending

                """)
        #expect(ran.messages == "modelshelf: warning: Civitai could not be reached\\x1b[2J\n")
        #expect(ran.engine.calls == ["scan", "close"])
    }

    @Test("Failures are listed with code and message, and are 1")
    func failures() {
        let engine = FakeEngine(scan: {
            var report = ScanReport()
            report.files = 2
            report.new = 1
            report.failed = [
                ShelfError(
                    .corruptFile, "the header ends too early", path: FilePath("models/a\nb"), hint: "get it again")
            ]
            return report
        })
        let ran = run("scan models", engine: engine)
        #expect(ran.status == 1)
        #expect(
            ran.output == """
                2 files: 1 new
                1 failed:
                  models/a\\x0ab: corrupt_file: the header ends too early (get it again)

                """)
        #expect(run("scan models --json", engine: engine).document?["failed"]?[0]?["code"]?.string == "corrupt_file")
    }

    @Test("A named folder that is not there is 3, a file that vanished below one is 1")
    func notFound() {
        func engine(_ path: String) -> FakeEngine {
            FakeEngine(scan: {
                var report = ScanReport()
                report.failed = [ShelfError(.notFound, "cannot list it", path: FilePath(path))]
                return report
            })
        }
        #expect(run("scan models", engine: engine("models")).status == 3)
        let absolute = Paths.absolute(FilePath("models")).display
        #expect(run("scan models", engine: engine(absolute)).status == 3)
        #expect(run("scan models", engine: engine("models/x")).status == 1)
    }

    @Test("Options become the request")
    func request() throws {
        let line = "scan a --type LORA=b --type vae=c=d --no-lookup --jobs 4 --force"
        let request = try #require(run(line).engine.scanRequests.first)
        #expect(request.folders.map(\.path) == [FilePath("a"), FilePath("b"), FilePath("c=d")])
        #expect(request.folders.map(\.type) == [nil, "LORA", "vae"])
        #expect(request.lookup == false && request.hash && request.force && request.refresh == false)
        #expect(request.jobs == 4)
    }

    @Test(
        "Wrong use",
        arguments: [
            "scan", "scan --type loras", "scan --type =x", "scan --type LORA=", "scan a --jobs 0", "scan a --jobs many",
            "scan a --force --no-hash", "scan a --refresh --no-lookup",
        ])
    func usage(line: String) {
        let ran = run(line)
        #expect(ran.status == 2)
        #expect(ran.engine.scanRequests.isEmpty)
        #expect(run(line + " --json").document?["error"]?["code"]?.string == "usage")
    }

    @Test("Without folders the registered ones are scanned, and without those the hint names both ways")
    func roots() {
        let ran = run("scan", engine: FakeEngine(roots: { ["roots": .array([.object([:])])] }))
        #expect(ran.status == 0)
        #expect(ran.engine.scanRequests.first?.folders.isEmpty == true)
        #expect(run("scan").messages.contains("modelshelf roots add ~/models"))
    }

    @Test("Files that wait for Civitai are a warning and no failure, unless nobody was to ask")
    func pending() {
        let engine = FakeEngine(scan: {
            var report = ScanReport()
            report.files = 2
            report.pending = 2
            return report
        })
        let ran = run("scan a", engine: engine)
        #expect(ran.status == 0)
        #expect(
            ran.messages == "modelshelf: warning: Civitai was not asked about 2 files; the next scan tries again\n")
        #expect(run("scan a --no-lookup", engine: engine).messages.isEmpty)
    }

    @Test("A cancelled scan is 130 and one document")
    func cancelled() {
        let engine = FakeEngine(scan: { () throws(ShelfError) -> ScanReport in throw ShelfError(.cancelled, "cancelled")
        })
        let ran = run("scan a --json", engine: engine)
        #expect(ran.status == 130)
        #expect(ran.document?["error"]?["code"]?.string == "cancelled")
        #expect(run("scan a", engine: engine).messages == "modelshelf: cancelled\n")
    }
}
