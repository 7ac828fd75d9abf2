import ShelfBase
import Synchronization
import Testing

@testable import ShelfCivitai

/// The transport and the sender against real sockets.
@Suite(.timeLimit(.minutes(2)))
struct TransportTests {
    static let account = #"{"id":7,"username":"mira"}"#

    @Test func reusesOneConnection() throws {
        try withServer(answering: { _, _ in .ok(Self.account) }) { server, client in
            for _ in 0..<10 {
                let account = try client.me()
                #expect(account.username == "mira")
            }
            #expect(server.connections == 1)
            #expect(client.requestCount == 10)
            #expect(client.sender.transport.connectionsOpened == 1)
        }
    }

    @Test func manyRequestsTakeFewConnections() throws {
        try withServer(answering: { request, _ in
            let id = request.target.split(separator: "/").last ?? ""
            return [.pause(milliseconds: 5)] + .ok(#"{"id":1,"name":"\#(id)"}"#)
        }) { server, client in
            let hashes = (0..<200).map { String(digest($0).suffix(12)) }
            var names: [Int: String] = [:]
            try client.versions(hashes: hashes) { index, answer in
                if case .failed(let error) = answer { Issue.record("\(error)") }
                names[index] = answer.value?.name
            }
            #expect(names.count == 200)
            #expect(names.allSatisfy { hashes[$0.key].uppercased() == $0.value })
            #expect(server.connections <= 6)
        }
    }

    @Test func sendsWhoItIsAndTheTokenInTheHeaderOnly() throws {
        try withServer(token: " 0123456789abcdef ", answering: { _, _ in .ok(Self.account) }) { server, client in
            _ = try client.me()
            let request = try #require(server.requests.first)
            #expect(request.headers["authorization"] == "Bearer 0123456789abcdef")
            #expect(request.headers["user-agent"]?.hasPrefix("modelshelf/") == true)
            #expect(request.headers["accept"] == "application/json")
            #expect(request.headers["accept-encoding"]?.contains("gzip") == true)
            #expect(!request.target.contains("0123456789"))
        }
    }

    @Test func everyThirdAnswerSpoiltStillGivesEverything() throws {
        let spoilt = Atomic<Int>(0)
        try withServer(answering: { request, number in
            guard number % 3 == 0 else {
                let id = request.target.split(separator: "/").last ?? ""
                return .ok(#"{"id":1,"name":"\#(id)"}"#)
            }
            switch spoilt.add(1, ordering: .relaxed).newValue % 5 {
            case 0: return .answer(503, #"{"error":"busy"}"#)
            case 1: return [.reset]
            case 2: return .truncated
            case 3: return .page
            default: return .answer(404, "<html>no</html>", type: "text/html")
            }
        }) { _, client in
            var found = 0
            let time = try elapsed {
                try client.versions(hashes: (0..<60).map { String(digest($0).suffix(12)) }) { _, answer in
                    if answer.value != nil { found += 1 }
                }
            }
            #expect(found == 60)
            #expect(time < 30_000)
            #expect(client.requestCount > 60)
        }
    }

    @Test func waitsAsLongAsTheServiceAsks() throws {
        try withServer(answering: { _, number in
            number == 0 ? .answer(503, #"{"error":"busy"}"#, headers: ["Retry-After: 1"]) : .ok(Self.account)
        }) { _, client in
            let time = try elapsed { _ = try client.me() }
            #expect(time >= 1000 && time < 3000)
        }
    }

    @Test func doesNotWaitForHours() throws {
        try withServer(answering: { _, _ in .answer(429, "{}", headers: ["Retry-After: 7200"]) }) { _, client in
            let error = #expect(throws: ShelfError.self) { try client.me() }
            #expect(error?.code == .rateLimited)
            #expect(error?.hint?.contains("7200") == true)
        }
    }

    @Test(arguments: [301, 302, 307, 308]) func anotherOriginNeverGetsTheToken(status: Int) throws {
        let other = try LoopbackServer { _, _ in .ok(Self.account) }
        defer { other.stop() }
        let place = other.url
        try withServer(
            token: "secret-token",
            answering: { request, _ in
                request.target == "/moved"
                    ? .answer(status, "", headers: ["Location: \(place)/elsewhere"])
                    : .answer(status, "", headers: ["Location: /moved"])
            }
        ) { server, client in
            let account = try client.me()
            #expect(account.id == 7)
            #expect(
                server.requests.map { $0.headers["authorization"] } == ["Bearer secret-token", "Bearer secret-token"])
            #expect(other.requests.map(\.target) == ["/elsewhere"])
            #expect(other.requests.first?.headers["authorization"] == nil)
        }
    }

    @Test func endlessRedirectsEnd() throws {
        try withServer(answering: { _, number in .answer(302, "", headers: ["Location: /\(number)"]) }) {
            server, client in
            let error = #expect(throws: ShelfError.self) { try client.me() }
            #expect(error?.code == .badResponse)
            #expect(server.requests.count == 6)
        }
    }

    @Test func offlineMakesNoThreadAndNoSocket() throws {
        try withServer(configure: { $0.offline = .environment }, answering: { _, _ in .ok(Self.account) }) {
            server, client in
            let error = #expect(throws: ShelfError.self) { try client.me() }
            #expect(error?.code == .network)
            #expect(error?.hint?.contains("MODELSHELF_OFFLINE") == true)
            #expect(throws: ShelfError.self) { try client.identify(sha256s: [digest(1)]) }
            #expect(!client.sender.transport.isStarted)
            #expect(client.requestCount == 0)
            #expect(server.connections == 0)
        }
    }

    @Test func cancelTakesEffectAtOnce() throws {
        try withServer(answering: { _, _ in [.pause(milliseconds: 3000)] + .ok(Self.account) }) { _, client in
            let cancellation = Cancellation()
            let cancelledAt = Atomic<Int64>(0)
            let thread = ThreadHandle.start {
                Clock.sleep(milliseconds: 300)
                cancelledAt.store(Clock.monotonicNanoseconds(), ordering: .releasing)
                cancellation.cancel()
            }
            let error = #expect(throws: ShelfError.self) { try client.me(cancellation: cancellation) }
            let delay = (Clock.monotonicNanoseconds() - cancelledAt.load(ordering: .acquiring)) / 1_000_000
            thread?.join()
            #expect(error?.code == .cancelled)
            #expect(delay < 200)
        }
    }

    @Test func refusesWhatIsTooLarge() throws {
        let large = #"{"id":1,"name":"\#(String(repeating: "x", count: 100_000))"}"#
        try withServer(
            configure: { $0.limits.responseBytes = 10_000 },
            answering: { _, number in
                // With a length, and without one.
                number == 0
                    ? .ok(large) : [.send("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + large), .close]
            }
        ) { server, client in
            for _ in 0..<2 {
                let error = #expect(throws: ShelfError.self) { try client.version(1) }
                #expect(error?.code == .tooLarge)
            }
            #expect(server.requests.count == 2)
        }
    }

    @Test func aSlowDripIsGivenUp() throws {
        try withServer(
            configure: {
                $0.limits.stall = 300
                $0.limits.stallBytes = 100
            },
            answering: { _, _ in
                [.send("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")]
                    + Array(repeating: [LoopbackServer.Step.send("x"), .pause(milliseconds: 50)], count: 60).flatMap {
                        $0
                    }
            }
        ) { server, client in
            let time = elapsed {
                let error = #expect(throws: ShelfError.self) { try client.me() }
                #expect(error?.code == .timeout)
            }
            #expect(time < 2500)
            #expect(server.requests.count == 2)
        }
    }

    @Test func silenceIsGivenUp() throws {
        try withServer(configure: { $0.limits.firstByte = 300 }, answering: { _, _ in [.pause(milliseconds: 2000)] }) {
            _, client in
            let time = elapsed {
                let error = #expect(throws: ShelfError.self) { try client.me() }
                #expect(error?.code == .timeout)
            }
            #expect(time < 2500)
        }
    }

    @Test func aServiceThatIsDownEndsTenThousandLookupsInSeconds() throws {
        let server = try LoopbackServer { _, _ in [] }
        server.stop()
        let client = CivitaiClient(try CivitaiConfiguration(baseURL: server.url))
        var codes: [ErrorCode: Int] = [:]
        let time = try elapsed {
            try client.versions(hashes: (0..<10_000).map { String(digest($0).suffix(12)) }) { _, answer in
                if case .failed(let error) = answer { codes[error.code, default: 0] += 1 }
            }
        }
        #expect(codes == [.network: 10_000])
        #expect(time < 10_000)
        #expect(client.requestCount < 100)
    }

    @Test func aServiceThatOnlyFailsEndsTenThousandLookupsInSeconds() throws {
        try withServer(answering: { _, _ in .answer(503, "<html>down</html>", type: "text/html") }) { _, client in
            var codes: [ErrorCode: Int] = [:]
            let time = try elapsed {
                try client.versions(hashes: (0..<10_000).map { String(digest($0).suffix(12)) }) { _, answer in
                    if case .failed(let error) = answer { codes[error.code, default: 0] += 1 }
                }
            }
            #expect(codes == [.serverError: 10_000])
            #expect(time < 15_000)
            #expect(client.requestCount < 200)
        }
    }
}
