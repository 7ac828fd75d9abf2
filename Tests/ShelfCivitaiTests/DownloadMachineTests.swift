import ShelfBase
import Testing

@testable import ShelfCivitai

/// The machine alone: answers in, actions out.
struct DownloadMachineTests {
    private static let origin = "https://civitai.com"
    private static let digest = String(repeating: "ab", count: 32)
    private static let signed = "https://storage.example/model/1/x.safetensors?X-Amz-Signature=s"

    private static func plan(
        sha256: String? = digest, mirrors: [String] = [], fallback: Bool = false
    ) throws -> DownloadPlan {
        let base = try #require(HTTPURL(origin))
        let token = Secret("0123456789abcdef")
        func source(_ kind: DownloadSource.Kind, _ url: String) throws -> DownloadSource {
            let address = try #require(HTTPURL(url))
            return DownloadSource(kind, address, token: kind == .mirror ? nil : token, base: base.origin)
        }
        var sources = [try source(.civitai, origin + "/api/download/models/1?fileId=2")]
        if fallback { sources.append(try source(.civitai, origin + "/api/download/models/1")) }
        for mirror in mirrors { sources.append(try source(.mirror, mirror)) }
        return DownloadPlan(sources: sources, sha256: sha256, name: "x.safetensors", key: "civitai:1/2")
    }

    private static func head(_ status: Int, _ change: (inout DownloadHead) -> Void = { _ in }) -> DownloadHead {
        var head = DownloadHead(status: status)
        head.start = [0x10, 0, 0, 0, 0, 0, 0, 0]
        change(&head)
        return head
    }

    private static func redirect(to location: String = signed) -> DownloadHead { head(307) { $0.location = location } }

    private static func request(_ action: DownloadMachine.Action) throws -> HTTPRequest {
        guard case .send(let request) = action else {
            Issue.record("no request but \(action)")
            throw ShelfError(.internalError, "no request")
        }
        return request
    }

    private static func error(_ action: DownloadMachine.Action) throws -> ShelfError {
        guard case .fail(let error) = action else {
            Issue.record("no failure but \(action)")
            throw ShelfError(.internalError, "no failure")
        }
        return error
    }

    /// At the storage, with the first request sent.
    private static func atStorage(_ plan: DownloadPlan, have: Int64 = 0) throws -> (DownloadMachine, HTTPRequest) {
        var state = DownloadState(key: plan.key, name: "x", sha256: plan.sha256)
        state.total = have > 0 ? 100 : nil
        state.tag = have > 0 ? "\"t\"" : nil
        var machine = try #require(DownloadMachine(plan, state: state, have: have))
        _ = try request(machine.start())
        let sent = try request(machine.answered(redirect()))
        return (machine, sent)
    }

    @Test func theTokenStaysWithItsOrigin() throws {
        let plan = try Self.plan()
        var machine = try #require(DownloadMachine(plan))
        let first = try Self.request(machine.start())
        #expect(first.token != nil && first.url.text == "\(Self.origin)/api/download/models/1?fileId=2")
        #expect(!first.acceptsCompression)
        let hop = try Self.request(machine.answered(Self.redirect(to: "/hop/1")))
        #expect(hop.token != nil && hop.url.text == "\(Self.origin)/hop/1")
        for target in [Self.signed, "https://b2.civitai.com/file/x", "https://civitai.com:8443/x"] {
            var fork = machine
            #expect(try Self.request(fork.answered(Self.redirect(to: target))).token == nil)
        }
    }

    @Test(arguments: [
        "http://storage.example/x", "http://127.0.0.1/x", "https://10.0.0.1/x", "https://[::1]/x", "https://127.1/x",
        "ftp://storage.example/x", "file:///etc/passwd",
    ])
    func placesThatAreNotFollowed(_ target: String) throws {
        let plan = try Self.plan()
        var machine = try #require(DownloadMachine(plan))
        _ = machine.start()
        #expect(try Self.error(machine.answered(Self.redirect(to: target))).code == .badResponse)
    }

    @Test(arguments: ["/login?returnUrl=%2F", "https://auth.civitai.com/login", "https://civitai.com/login"])
    func loginPages(_ target: String) throws {
        let plan = try Self.plan()
        var machine = try #require(DownloadMachine(plan))
        _ = machine.start()
        #expect(try Self.error(machine.answered(Self.redirect(to: target))).code == .unauthorized)
    }

    @Test func circlesEnd() throws {
        let plan = try Self.plan()
        var machine = try #require(DownloadMachine(plan))
        var action = machine.start()
        for _ in 0..<DownloadMachine.maximumHops { action = machine.answered(Self.redirect(to: "/again")) }
        _ = try Self.request(action)
        #expect(try Self.error(machine.answered(Self.redirect(to: "/again"))).code == .badResponse)
    }

    @Test func goesOnWhereItStopped() throws {
        var (machine, request) = try Self.atStorage(try Self.plan(), have: 40)
        #expect(request.headers.contains { $0.name == "Range" && $0.value == "bytes=40-" })
        #expect(!request.headers.contains { $0.name == "If-Range" }, "the digest proves the bytes")
        let action = machine.answered(Self.head(206) { $0.range = (40, 100) })
        guard case .take(from: 40) = action else { return #expect(Bool(false), "\(action)") }
        guard case .wait = machine.interrupted(TransportFailure(.reset), have: 70) else { return #expect(Bool(false)) }
        let again = try Self.request(machine.resume())
        #expect(again.url.text == Self.signed, "the signed address is used again")
        #expect(again.headers.contains { $0.name == "Range" && $0.value == "bytes=70-" })
    }

    @Test func withoutADigestTheTagMustBeTheSame() throws {
        var (machine, request) = try Self.atStorage(try Self.plan(sha256: nil), have: 40)
        #expect(request.headers.contains { $0.name == "If-Range" && $0.value == "\"t\"" })
        guard case .take(from: 0) = machine.answered(Self.head(200) { $0.length = 100 }) else {
            return #expect(Bool(false))
        }
        #expect(machine.have == 0)
    }

    @Test func withoutDigestAndTagItBeginsAnew() throws {
        let plan = try Self.plan(sha256: nil)
        var machine = try #require(
            DownloadMachine(plan, state: DownloadState(key: plan.key, name: "x", sha256: nil), have: 40))
        #expect(machine.have == 0)
        let request = try Self.request(machine.start())
        #expect(!request.headers.contains { $0.name == "Range" })
    }

    @Test func anotherSizeIsAnotherFile() throws {
        var (machine, _) = try Self.atStorage(try Self.plan(), have: 40)
        guard case .wait = machine.answered(Self.head(206) { $0.range = (40, 101) }) else {
            return #expect(Bool(false))
        }
        #expect(machine.have == 0 && machine.total == nil)
    }

    @Test func nothingIsLeftToFetch() throws {
        let plan = try Self.plan()
        var state = DownloadState(key: plan.key, name: "x", sha256: plan.sha256)
        state.total = 100
        var machine = try #require(DownloadMachine(plan, state: state, have: 100))
        guard case .verify = machine.start() else { return #expect(Bool(false)) }
        state.total = nil
        machine = try #require(DownloadMachine(plan, state: state, have: 100))
        _ = try Self.request(machine.start())
        _ = machine.answered(Self.redirect())
        guard case .verify = machine.answered(Self.head(416) { $0.wholeSize = 100 }) else {
            return #expect(Bool(false))
        }
    }

    @Test func aRangeBeyondTheEndBeginsAnew() throws {
        var (machine, _) = try Self.atStorage(try Self.plan(), have: 40)
        guard case .wait = machine.answered(Self.head(416) { $0.wholeSize = 30 }) else { return #expect(Bool(false)) }
        #expect(machine.have == 0)
    }

    @Test func anAddressThatRanOut() throws {
        var (machine, _) = try Self.atStorage(try Self.plan(), have: 40)
        let ask = try Self.request(machine.answered(Self.head(403)))
        #expect(ask.url.path == "/api/download/models/1" && ask.token != nil)
        var action = machine.answered(Self.redirect())
        for _ in 0..<6 {
            switch action {
            case .send(let request): action = machine.answered(request.token == nil ? Self.head(403) : Self.redirect())
            case .wait: action = machine.resume()
            default: break
            }
        }
        for _ in 0..<6 {
            if case .wait = action { action = machine.resume() }
            if case .send(let request) = action {
                action = machine.answered(request.token == nil ? Self.head(403) : Self.redirect())
            }
        }
        _ = try Self.error(action)
    }

    @Test func wrongBytesOnceAndTwice() throws {
        var (machine, _) = try Self.atStorage(try Self.plan())
        _ = machine.answered(Self.head(200) { $0.length = 10 })
        guard case .verify = machine.ended(have: 10) else { return #expect(Bool(false)) }
        _ = try Self.request(machine.verified(false))
        #expect(machine.have == 0)
        _ = machine.answered(Self.redirect())
        _ = machine.answered(Self.head(200) { $0.length = 10 })
        _ = machine.ended(have: 10)
        guard case .quarantine = machine.verified(false) else { return #expect(Bool(false)) }
    }

    @Test func aMirrorIsBelievedByDigestOnly() throws {
        let mirrors = ["https://mirror.example/x.safetensors"]
        let plan = try Self.plan(mirrors: mirrors)
        var machine = try #require(DownloadMachine(plan))
        _ = machine.start()
        let request = try Self.request(machine.answered(Self.head(410)))
        #expect(request.url.text == mirrors[0] && request.token == nil)
        #expect(try Self.error(machine.answered(Self.head(404))).code == .gone, "what the service said counts")
        let blind = try Self.plan(sha256: nil, mirrors: mirrors)
        machine = try #require(DownloadMachine(blind))
        _ = machine.start()
        #expect(try Self.error(machine.answered(Self.head(410))).code == .gone)
    }

    @Test func theOtherAddressIsForNotFoundOnly() throws {
        let plan = try Self.plan(fallback: true)
        var machine = try #require(DownloadMachine(plan))
        _ = machine.start()
        var fork = machine
        #expect(try Self.request(machine.answered(Self.head(404))).url.text == "\(Self.origin)/api/download/models/1")
        #expect(try Self.error(fork.answered(Self.head(401))).code == .unauthorized)
    }

    @Test func aStorageThatCouldNotBeFoundIsAskedForOnceMore() throws {
        let plan = try Self.plan()
        var machine = try #require(DownloadMachine(plan))
        _ = machine.start()
        guard case .wait = machine.answered(Self.head(404) { $0.isPrivate = true }) else { return #expect(Bool(false)) }
        _ = machine.resume()
        #expect(try Self.error(machine.answered(Self.head(404) { $0.isPrivate = true })).code == .notFound)
    }

    @Test func givesUpWhatBringsNothing() throws {
        var (machine, _) = try Self.atStorage(try Self.plan())
        var action = machine.answered(Self.head(200) { $0.length = 100 })
        var tries = 0
        while tries < 100 {
            tries += 1
            switch action {
            case .take: action = machine.interrupted(TransportFailure(.reset), have: 0)
            case .wait: action = machine.resume()
            case .send(let request):
                action = machine.answered(request.token == nil ? Self.head(200) { $0.length = 100 } : Self.redirect())
            default: tries = 1000
            }
        }
        #expect(try Self.error(action).code == .network)
    }

    @Test func progressGivesNewPatience() throws {
        var (machine, _) = try Self.atStorage(try Self.plan())
        var action = machine.answered(Self.head(200) { $0.length = 100 })
        for have in Int64(1)...99 {
            action = machine.interrupted(TransportFailure(.reset), have: have)
            guard case .wait = action else { return #expect(Bool(false), "given up at \(have)") }
            _ = try Self.request(machine.resume())
            action = machine.answered(Self.head(206) { $0.range = (have, 100) })
        }
        guard case .verify = machine.ended(have: 100) else { return #expect(Bool(false)) }
    }

    @Test func rangesThatAreIgnoredForeverEnd() throws {
        var (machine, _) = try Self.atStorage(try Self.plan(), have: 40)
        var action = machine.answered(Self.head(200) { $0.length = 100 })
        for _ in 0..<100 {
            switch action {
            case .take: action = machine.interrupted(TransportFailure(.truncated), have: 30)
            case .wait: action = machine.resume()
            case .send(let request):
                action = machine.answered(request.token == nil ? Self.head(200) { $0.length = 100 } : Self.redirect())
            default: break
            }
        }
        _ = try Self.error(action)
    }

    @Test func quotaAndWaiting() throws {
        let plan = try Self.plan()
        var machine = try #require(DownloadMachine(plan))
        _ = machine.start()
        var fork = machine
        #expect(try Self.error(machine.answered(Self.head(429))).code == .rateLimited)
        guard case .wait(let pause, _) = fork.answered(Self.head(429) { $0.retryAfter = 3_000 }) else {
            return #expect(Bool(false))
        }
        #expect(pause >= 3_000)
        _ = fork.resume()
        #expect(try Self.error(fork.answered(Self.head(429) { $0.retryAfter = 3_600_000 })).code == .rateLimited)
    }

    @Test func whatStandsInPlaceOfTheFile() {
        func kind(_ text: String, name: String = "x.safetensors") -> DownloadHead.Impostor? {
            Self.head(200) { $0.start = Array(text.utf8) }.impostor(named: name)
        }
        #expect(kind("<!DOCTYPE html><html>") == .page)
        #expect(kind("\n  <html>") == .page)
        #expect(kind("{\"error\":\"Unauthorized\"}") == .document)
        #expect(kind("{\"nodes\":[]}", name: "workflow.json") == nil)
        #expect(kind("<\u{1}\0\0\0\0\0\0{\"a\":1}") == nil, "a header whose length looks like a letter")
        #expect(Self.head(200).impostor(named: "x.safetensors") == nil)
        #expect(
            Self.head(200) { $0.contentType = "text/html; charset=utf-8" }.impostor(named: "x.safetensors") == .page)
    }
}
