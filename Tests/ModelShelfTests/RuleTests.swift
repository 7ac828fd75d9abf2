import ShelfBase
import ShelfCivitai
import ShelfStore
import ShelfTestSupport
import Testing

@testable import ModelShelf

@Suite struct PrecedenceTests {
    @Test(arguments: [
        ("name", ["user", "civitai", "header", "sidecar", "name"]),
        ("type", ["user", "header", "civitai", "sidecar", "folder", "name"]),
        ("architecture", ["user", "header", "sidecar"]),
        ("base_model", ["user", "civitai", "header", "sidecar", "name"]),
        ("precision", ["header"]), ("trigger_words", ["user", "civitai", "header", "sidecar"]),
    ])
    func theStrongestSourceWins(field: String, order: [String]) {
        let sources = order.compactMap { Precedence.Source(rawValue: $0) }
        #expect(Precedence.order[field] == sources)
        var values: [Precedence.Source: JSONValue?] = [:]
        for source in Precedence.Source.allCases { values[source] = .string(source.rawValue) }
        for source in sources {
            let chosen = Precedence.choose(field, values)
            #expect(chosen?.source == source)
            #expect(chosen?.value == .string(source.rawValue))
            values[source] = [.null, .string(""), .array([]), nil][source.rawValue.count % 4]
        }
        #expect(Precedence.choose(field, values) == nil)
    }

    @Test func falseAndZeroAreValues() {
        #expect(Precedence.choose("name", [.user: .bool(false), .civitai: .string("c")])?.source == .user)
        #expect(Precedence.choose("name", [.user: .int(0)])?.value == .int(0))
        #expect(Precedence.choose("unknown", [.user: .int(0)]) == nil)
    }
}

@Suite struct PlainTextTests {
    @Test(arguments: [
        ("", ""), ("plain", "plain"), ("<p>one</p><p>two</p>", "one two"), ("a<br>b<br/>c", "a b c"),
        ("a &amp; b &lt;c&gt; &quot;d&quot; &#39;e&apos;&nbsp;f", "a & b <c> \"d\" 'e' f"), ("&amp;lt;", "&lt;"),
        ("&unknown; &", "&unknown; &"), ("<a href=\"x>y\">z</a>", "y\">z"), ("a < b", "a"), ("<", ""),
        ("\u{e9}<b>\u{1f600}</b>", "\u{e9} \u{1f600}"),
        (" \n\t x \u{a0} y ", "x y"), ("&amp", "&"), ("&&&", "&&&"),
    ])
    func words(html: String, text: String) { #expect(PlainText.fromHTML(html) == text) }

    @Test func longTextsAreCut() {
        #expect(PlainText.fromHTML(String(repeating: "x", count: 1_000_000)).count == 100_000)
        #expect(PlainText.fromHTML(String(repeating: "<", count: 1_000_000)).isEmpty)
        #expect(PlainText.fromHTML(String(repeating: "&", count: 200_000)).count == 100_000)
    }
}

@Suite struct ProgressMeterTests {
    private let second: Int64 = 1_000_000_000

    private func progress(_ bytes: Int64, of total: Int64 = 1000, _ phase: ScanProgress.Phase = .hashing)
        -> ScanProgress
    {
        var progress = ScanProgress()
        progress.phase = phase
        progress.bytes = bytes
        progress.bytesTotal = total
        return progress
    }

    @Test func deliversTenTimesASecondAndEveryPhase() {
        var meter = ProgressMeter()
        #expect(meter.complete(progress(0), now: 0) != nil)
        #expect(meter.complete(progress(1), now: second / 20) == nil)
        #expect(meter.complete(progress(1, .identifying), now: second / 20) != nil)
        #expect(meter.complete(progress(1, .identifying), now: second / 10) == nil)
        #expect(meter.complete(progress(1, .identifying), now: second / 20 + second / 10) != nil)
    }

    @Test func theRateIsThatOfTheLastSeconds() throws {
        var meter = ProgressMeter()
        #expect(meter.complete(progress(0), now: 0)?.bytesPerSecond == 0)
        let complete = meter.complete(progress(100), now: second)
        let first = try #require(complete)
        #expect(abs(first.bytesPerSecond - 100) < 0.001)
        #expect(abs((first.secondsLeft ?? 0) - 9) < 0.001)
        var before = first.bytesPerSecond
        for step in 2...60 {
            let complete = meter.complete(progress(100), now: Int64(step) * second)
            let rate = try #require(complete).bytesPerSecond
            #expect(rate < before || rate == 0)
            before = rate
        }
        #expect(before == 0)
    }

    @Test func oddNumbersDoNoHarm() {
        var meter = ProgressMeter()
        _ = meter.complete(progress(500), now: 0)
        #expect(meter.complete(progress(100), now: second)?.bytesPerSecond == 0)
        #expect(meter.complete(progress(2000), now: 2 * second)?.secondsLeft == 0)
        #expect(meter.complete(progress(0, of: 0), now: 3 * second) != nil)
    }
}

@Suite struct LookupScheduleTests {
    private let day: Int64 = 86_400_000

    @Test func laterAndLater() {
        for (attempts, days) in [(Int64(0), Int64(1)), (1, 3), (2, 7), (3, 30), (4, 30), (.max, 30), (-1, 1)] {
            #expect(LookupSchedule.due(.notFound, attempts: attempts, now: 5) == 5 + days * day)
            #expect(LookupSchedule.due(.gone, attempts: attempts, now: 5) == 5 + days * day)
        }
        #expect(LookupSchedule.due(.found, attempts: 9, now: 5) == 5 + 7 * day)
        #expect(LookupSchedule.due(.ambiguous, attempts: 0, now: 5) == 5 + 7 * day)
        #expect(LookupSchedule.due(.pending, attempts: 9, now: 5) == 0)
    }
}

@Suite struct VersionChoiceTests {
    private let hash = String(repeating: "ab", count: 32)

    private func candidate(_ id: Int64, published: String? = nil, hash: String? = nil) throws -> VersionChoice.Candidate
    {
        var json: JSONObject = ["id": .int(id)]
        json["publishedAt"] = .optional(published)
        if let hash {
            json["files"] = .array([
                .object(["id": .int(1), "hashes": .object(["SHA256": .string(hash.uppercased())])])
            ])
        }
        return VersionChoice.Candidate(model: nil, version: try #require(CivitaiVersion(.object(json))))
    }

    private func best(_ candidates: [VersionChoice.Candidate]) -> Int64? {
        VersionChoice.best(candidates, hash: hash)?.version.id
    }

    @Test func theOneThatNamesTheDigestThenTheOldest() throws {
        #expect(best([]) == nil)
        let plain = [
            try candidate(3, published: "2024-01-01"), try candidate(2, published: "2025-01-01"),
            try candidate(1), try candidate(4, published: "2024-01-01"),
        ]
        for order in [plain, plain.reversed()] { #expect(best(order) == 3) }
        #expect(best([try candidate(9), try candidate(8)]) == 8)
        let named = try candidate(7, published: "2026-01-01", hash: hash)
        #expect(best(plain + [named]) == 7)
        #expect(best([named, try candidate(6, published: "2025-01-01", hash: hash)]) == 6)
        #expect(best([try candidate(5, hash: String(repeating: "cd", count: 32)), named]) == 7)
    }
}

@Suite struct RemoteWriterTests {
    private func model(_ downloads: Int64, description: String) throws -> CivitaiModel {
        let stats = JSONValue.object(["downloadCount": .int(downloads), "rating": .int(downloads)])
        let version: JSONObject = ["id": .int(2), "name": .string("v1"), "stats": stats]
        let json: JSONObject = [
            "id": .int(1), "name": .string("m"), "description": .string(description), "stats": stats,
            "modelVersions": .array([.object(version)]),
        ]
        return try #require(CivitaiModel(.object(json)))
    }

    @Test func payloadsThatDifferInCountersOnlyAreKeptOnce() throws {
        try Folder.use { folder in
            let shelf = try folder.openShelf()
            let path = try folder.model("a.safetensors", 1)
            _ = try shelf.scan(folder.models)
            let configuration = try CivitaiConfiguration()
            func write(_ model: CivitaiModel) throws {
                let version = try #require(model.versions.first)
                try shelf.store.write { (connection) throws(ShelfError) in
                    guard let content = try connection.int("SELECT id FROM content") else { return }
                    try RemoteWriter.found(
                        content: content, VersionChoice.Candidate(model: model, version: version), matchedBy: "sha256",
                        hash: nil, isPinned: false, configuration, connection)
                }
            }
            func kept() throws -> Int64? {
                try shelf.store.read { (connection) throws(ShelfError) in
                    try connection.int("SELECT count(*) FROM payload")
                }
            }
            for downloads in 1...3 { try write(try model(Int64(downloads), description: "same")) }
            #expect(try kept() == 1)
            for number in 1...8 { try write(try model(1, description: "text \(number)")) }
            #expect(try kept() == 5)
            #expect(try shelf.record(path).json["civitai"]?["description"]?.string == "text 8")
            #expect(try shelf.record(path).name == "m")
            #expect(try shelf.record(FilePath("model:1")).path == path)
            #expect(try shelf.record(FilePath("version:2")).path == path)
            #expect(try shelf.record(FilePath("https://civitai.com/models/1?modelVersionId=2")).path == path)
            #expect(try shelf.names("text") == ["m"])
        }
    }
}
