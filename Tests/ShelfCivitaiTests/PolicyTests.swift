import ShelfBase
import Testing

@testable import ShelfCivitai

/// Retries, pacing and the circuit breaker as values: no network, no clock, no chance.
struct RetryPolicyTests {
    enum Wanted: Equatable, Sendable {
        case answer
        case retry(Int64, holds: Bool)
        case giveUp(ErrorCode)
    }

    struct Row: Sendable, CustomStringConvertible {
        let status: Int
        var retryAfter: String?
        var body: AnswerBody = .json(.object(["error": .string("no")]))
        var attempts = 1
        let wanted: Wanted

        var description: String { "\(status) \(retryAfter ?? "-") \(body) #\(attempts)" }
    }

    static let rows: [Row] = [
        Row(status: 200, body: .json(.array([])), wanted: .answer),
        Row(status: 200, body: .html, wanted: .retry(250, holds: false)),
        Row(status: 200, body: .empty, wanted: .retry(250, holds: false)),
        Row(status: 200, body: .other("{\"id\":"), attempts: 8, wanted: .giveUp(.badResponse)),
        Row(status: 404, wanted: .answer),
        Row(status: 404, body: .html, wanted: .retry(250, holds: false)),
        Row(status: 404, body: .html, attempts: 8, wanted: .giveUp(.badResponse)),
        Row(status: 400, wanted: .giveUp(.badResponse)),
        Row(status: 401, wanted: .giveUp(.unauthorized)),
        Row(status: 403, wanted: .giveUp(.forbidden)),
        Row(status: 403, body: .html, wanted: .giveUp(.forbidden)),
        Row(status: 403, body: .json(.object(["error": .string("Early Access")])), wanted: .giveUp(.earlyAccess)),
        Row(status: 410, wanted: .giveUp(.gone)),
        Row(status: 451, wanted: .giveUp(.regionBlocked)),
        Row(status: 429, wanted: .giveUp(.rateLimited)),
        Row(status: 429, retryAfter: "soon", wanted: .giveUp(.rateLimited)),
        Row(status: 429, retryAfter: "3", wanted: .retry(3000, holds: true)),
        Row(status: 429, retryAfter: "120", wanted: .retry(120_000, holds: true)),
        Row(status: 429, retryAfter: "121", wanted: .giveUp(.rateLimited)),
        Row(status: 429, retryAfter: "99999999999999999999999", wanted: .giveUp(.rateLimited)),
        Row(status: 429, retryAfter: "0", wanted: .retry(250, holds: false)),
        Row(status: 503, retryAfter: "2", wanted: .retry(2000, holds: true)),
        Row(status: 503, body: .html, wanted: .retry(250, holds: false)),
        Row(status: 503, attempts: 2, wanted: .retry(500, holds: false)),
        Row(status: 503, attempts: 3, wanted: .retry(1000, holds: false)),
        Row(status: 503, attempts: 7, wanted: .retry(2000, holds: false)),
        Row(status: 503, attempts: 8, wanted: .giveUp(.serverError)),
        Row(status: 502, wanted: .retry(250, holds: false)),
        Row(status: 504, wanted: .retry(250, holds: false)),
        Row(status: 522, wanted: .retry(250, holds: false)),
        Row(status: 500, attempts: 2, wanted: .retry(500, holds: false)),
        Row(status: 500, attempts: 3, wanted: .giveUp(.serverError)),
        Row(status: 501, wanted: .giveUp(.serverError)),
        Row(status: 418, wanted: .giveUp(.badResponse)),
    ]

    static func reduce(_ decision: RetryPolicy.Decision) -> Wanted {
        switch decision {
        case .answer: .answer
        case .retry(let pause, let holds): .retry(pause, holds: holds)
        case .giveUp(let error): .giveUp(error.code)
        }
    }

    @Test(arguments: rows) func decidesByStatus(row: Row) {
        let outcome = RetryPolicy.Outcome.response(status: row.status, retryAfter: row.retryAfter, body: row.body)
        let decision = RetryPolicy().decide(
            outcome, host: "civitai.com", attempts: row.attempts, elapsed: 0, jitter: 0.5, wallNow: 0)
        #expect(Self.reduce(decision) == row.wanted)
    }

    @Test(arguments: TransportFailure.Kind.allCases) func decidesByFailure(kind: TransportFailure.Kind) {
        func decide(_ attempts: Int) -> Wanted {
            Self.reduce(
                RetryPolicy().decide(
                    .failure(TransportFailure(kind)), host: "h", attempts: attempts, elapsed: 0, jitter: 0.5, wallNow: 0
                ))
        }
        let limit =
            switch kind {
            case .resolve, .connect, .connectTimeout, .proxy: 4
            case .timeout, .stalled: 2
            case .reset, .truncated, .malformed, .tls, .other: 8
            case .certificate, .certificateFile, .tooLarge, .cancelled: 1
            }
        for attempts in 1..<limit {
            if case .retry(_, false) = decide(attempts) { continue }
            Issue.record("\(kind) is given up after \(attempts)")
        }
        guard case .giveUp = decide(limit) else {
            Issue.record("\(kind) is tried for ever")
            return
        }
    }

    @Test func jitterSpreadsAndTimeEndsIt() {
        let policy = RetryPolicy()
        #expect(policy.pause(afterAttempt: 1, jitter: 0) == 200)
        #expect(policy.pause(afterAttempt: 1, jitter: 1) == 300)
        #expect(policy.pause(afterAttempt: .max, jitter: 7) == 2400)
        let late = policy.decide(
            .response(status: 503, retryAfter: nil, body: .empty), host: "h", attempts: 1, elapsed: 299_900,
            jitter: 0.5,
            wallNow: 0)
        #expect(Self.reduce(late) == .giveUp(.serverError))
    }

    @Test(arguments: [
        ("120", 120_000), ("0", 0), (" 5 ", 5000), ("Sun, 06 Nov 1994 08:49:47 GMT", 10_000),
        ("Sunday, 06-Nov-94 08:49:47 GMT", 10_000), ("Sun Nov  6 08:49:47 1994", 10_000),
        ("Sun, 06 Nov 1994 08:00:00 GMT", 0),
    ])
    func readsRetryAfter(text: String, wanted: Int64) {
        // 1994-11-06T08:49:37Z
        #expect(RetryAfter.milliseconds(text, wallNow: 784_111_777_000) == wanted)
    }

    @Test(arguments: ["", "-1", "1.5", "soon", "Sun, 06 Foo 1994 08:49:37 GMT", "a b c d e", "Sun, 99 Nov 1994 x y"])
    func ignoresWhatIsNoRetryAfter(text: String) {
        #expect(RetryAfter.milliseconds(text, wallNow: 0) == nil)
    }

    @Test func serviceWordsAreKeptAndSecretsAreNot() {
        let words = AnswerBody.json(
            .object(["message": .string("An unexpected error occurred"), "error": .object([:])]))
        #expect(words.serviceMessage == "An unexpected error occurred")
        let secret = AnswerBody.json(.object(["error": .string("see https://civitai.com/x?a=1&token=abcdef&b=2")]))
        #expect(secret.serviceMessage == "see https://civitai.com/x?a=1&token=***&b=2")
        #expect(TransportFailure(.other, "Authorization: Bearer abcdef").detail == "Authorization: Bearer ***")
        #expect("\(String(describing: Secret("abcdef")))".contains("abcdef") == false)
        #expect(Secret("ab\ncd") == nil)
        #expect(Secret("  ") == nil)
    }

    @Test func wordsOfSeveralLinesAndOfNoText() throws {
        let lines = AnswerBody.json(try json(#"{"error":"Invalid id\nExpected a number"}"#))
        #expect(lines.serviceMessage == "Invalid id Expected a number")
        let file = HTTPResponse(status: 201, body: Array("PK".utf8) + [3, 4, 0, 0] + Array("secrets".utf8))
        #expect(AnswerBody.read(file).serviceMessage == nil)
    }

    @Test func redirectsWithBlanksInNames() throws {
        let here = try #require(HTTPURL("https://civitai.com/a/b"))
        for location in ["https://b2.example/my file.bin?name=x y", "//b2.example/my file.bin?name=x y"] {
            #expect(here.resolving(location)?.text == "https://b2.example/my%20file.bin?name=x%20y")
        }
        #expect(here.resolving("my file.bin")?.text == "https://civitai.com/a/my%20file.bin")
        for location in [
            "https://b2 .example/x", "https:// b2.example/x", "ht tps://b2.example/x", "https://b2.example/\nx",
        ] {
            #expect(here.resolving(location) == nil, "\(location)")
        }
    }

    @Test func aTrickleIsNoTransfer() {
        #expect(HTTPLimits.file.stallBytes * 1000 / HTTPLimits.file.stall > 100, "bytes a second")
    }

    @Test func theNameIsNoBrowsers() {
        #expect(UserAgent.isPlain(UserAgent.text(version: "1.2.3")))
        #expect(UserAgent.text(version: "edge").contains("edge") == false)
        #expect(!UserAgent.isPlain("Knowledge/1"))
    }
}

struct PacerTests {
    @Test func findsThePaceByAsking() {
        var pacer = Pacer()
        #expect((0..<4).map { _ in pacer.start(now: 0) } == Array(repeating: .go, count: 4))
        #expect(pacer.start(now: 0) == .full)
        for _ in 0..<4 { pacer.finished(.good, isMultiplexed: false, now: 10) }
        for _ in 0..<100 {
            guard pacer.start(now: 20) == .go else { continue }
            pacer.finished(.good, isMultiplexed: false, now: 30)
        }
        #expect(pacer.concurrency == 6)
        for _ in 0..<100 {
            guard pacer.start(now: 20) == .go else { continue }
            pacer.finished(.good, isMultiplexed: true, now: 30)
        }
        #expect(pacer.concurrency == 8)
    }

    @Test func slowsDownOnceForABurstOfObjections() {
        var pacer = Pacer()
        for _ in 0..<4 { #expect(pacer.start(now: 0) == .go) }
        for _ in 0..<2 { pacer.finished(.overloaded, isMultiplexed: false, now: 100) }
        #expect(pacer.concurrency == 2)
        #expect(pacer.interval == 100)
        pacer.finished(.overloaded, isMultiplexed: false, now: 700)
        #expect(pacer.concurrency == 1)
        #expect(pacer.interval == 200)
        #expect(pacer.inFlight == 1)
    }

    @Test func aHoldHoldsAndIsBounded() {
        var pacer = Pacer()
        pacer.hold(until: 5000, now: 0)
        #expect(pacer.start(now: 0) == .wait(until: 5000))
        #expect(pacer.start(now: 5000) == .go)
        pacer.hold(until: .max, now: 6000)
        #expect(pacer.notBefore == 126_000)
        pacer.hold(until: 1, now: 7000)
        #expect(pacer.notBefore == 126_000)
    }

    @Test func failuresInARowAreSpaced() {
        var pacer = Pacer()
        for now in Int64(0)..<3 {
            #expect(pacer.start(now: now) == .go)
            pacer.finished(.misbehaved, isMultiplexed: false, now: now)
        }
        #expect(pacer.start(now: 3) == .wait(until: 52))
        #expect(pacer.start(now: 52) == .go)
        pacer.finished(.good, isMultiplexed: false, now: 53)
        #expect(pacer.start(now: 54) == .go)
    }
}

struct CircuitBreakerTests {
    private static let error = ShelfError(.network, "down")

    @Test func opensAfterARunThatLasts() {
        var breaker = CircuitBreaker()
        for _ in 0..<10 { breaker.finished(.unreachable, error: Self.error, now: 0) }
        #expect(breaker.refusal(now: 0) == nil)
        breaker.finished(.unreachable, error: Self.error, now: 1000)
        #expect(breaker.refusal(now: 1000)?.code == .network)
        #expect(breaker.refusal(now: 31_000) == nil)
    }

    @Test func oneGoodAnswerEndsTheRun() {
        var breaker = CircuitBreaker()
        for number in 0..<100 {
            breaker.finished(number % 16 == 15 ? .good : .misbehaved, error: Self.error, now: Int64(number) * 1000)
        }
        #expect(breaker.refusal(now: 100_000) == nil)
    }

    @Test func oneProbeDecides() {
        var breaker = CircuitBreaker()
        for now in Int64(0)...4 { breaker.finished(.unreachable, error: Self.error, now: now * 1000) }
        guard case .refuse = breaker.start(now: 20_000) else {
            Issue.record("asked a host that is down")
            return
        }
        guard case .go = breaker.start(now: 40_000), case .wait = breaker.start(now: 40_001) else {
            Issue.record("not exactly one probe")
            return
        }
        breaker.finished(.unreachable, error: Self.error, now: 41_000)
        #expect(breaker.refusal(now: 41_000) != nil)
        guard case .go = breaker.start(now: 80_000) else {
            Issue.record("no second probe")
            return
        }
        breaker.finished(.good, error: Self.error, now: 80_100)
        guard case .go = breaker.start(now: 80_101), case .go = breaker.start(now: 80_101) else {
            Issue.record("still closed after an answer")
            return
        }
    }

    @Test func anAbandonedProbeBlocksNobody() {
        var breaker = CircuitBreaker()
        for now in Int64(0)...4 { breaker.finished(.unreachable, error: Self.error, now: now * 1000) }
        _ = breaker.start(now: 40_000)
        breaker.finished(.none, error: Self.error, now: 40_100)
        guard case .go = breaker.start(now: 40_200) else {
            Issue.record("the probe is still waited for")
            return
        }
    }
}

struct RedirectTests {
    struct Row: Sendable {
        let from: String
        let location: String
        var base = "https://civitai.com"
        /// Nil when it must not be followed.
        let target: String?
        var keepsToken = false
    }

    static let rows: [Row] = [
        Row(from: "https://civitai.com/a/b", location: "/c?d=1", target: "https://civitai.com/c?d=1", keepsToken: true),
        Row(from: "https://civitai.com/a/b", location: "c", target: "https://civitai.com/a/c", keepsToken: true),
        Row(
            from: "https://civitai.com/a", location: "https://CIVITAI.com:443/b", target: "https://civitai.com/b",
            keepsToken: true),
        Row(from: "https://civitai.com/a", location: "https://civitai.red/b", target: "https://civitai.red/b"),
        Row(from: "https://civitai.com/a", location: "https://b2.civitai.com/b", target: "https://b2.civitai.com/b"),
        Row(
            from: "https://civitai.com/a", location: "https://civitai.com:8443/b", target: "https://civitai.com:8443/b"),
        Row(from: "https://civitai.com/a", location: "//other.example/b", target: "https://other.example/b"),
        Row(from: "https://civitai.com/a", location: "http://civitai.com/b", target: nil),
        Row(from: "https://civitai.com/a", location: "http://127.0.0.1/b", target: nil),
        Row(from: "https://civitai.com/a", location: "https://localhost/b", target: nil),
        Row(from: "https://civitai.com/a", location: "https://[::1]/b", target: nil),
        Row(from: "https://civitai.com/a", location: "https://127.1/b", target: nil),
        Row(from: "https://civitai.com/a", location: "https://2130706433/b", target: nil),
        Row(from: "https://civitai.com/a", location: "https://0x7f.0.0.1/b", target: nil),
        Row(from: "https://civitai.com/a", location: "https://10.0.0.1/b", target: nil),
        Row(from: "https://civitai.com/a", location: "https://169.254.169.254/b", target: nil),
        Row(from: "https://civitai.com/a", location: "https://8.8.8.8/b", target: "https://8.8.8.8/b"),
        Row(from: "https://civitai.com/a", location: "file:///etc/passwd", target: nil),
        Row(from: "https://civitai.com/a", location: "https://civitai.com@other.example/", target: nil),
        Row(from: "https://civitai.com/a", location: "https:\\\\other.example", target: nil),
        Row(from: "https://civitai.com/a", location: "", target: nil),
        Row(
            from: "http://127.0.0.1:80/a", location: "http://127.0.0.1:81/b", base: "http://127.0.0.1",
            target: "http://127.0.0.1:81/b"),
    ]

    @Test(arguments: rows) func followsOnlyWhatIsSafe(row: Row) throws {
        let url = try #require(HTTPURL(row.from))
        let base = try #require(HTTPURL(row.base)).origin
        let request = HTTPRequest(.get, url, token: Secret("t"))
        let next = try? Redirects.next(after: request, status: 307, location: row.location, hops: 0, base: base)
        #expect(next?.url.text == row.target)
        if let next { #expect((next.token != nil) == row.keepsToken) }
    }

    @Test(arguments: [
        "https://", "https:///x", "civitai.com", "https://a b/", "https://exämple.com/", "https://h:0/",
        "https://h:99999/",
    ])
    func refusesOddAddresses(text: String) { #expect(HTTPURL(text) == nil) }
}
