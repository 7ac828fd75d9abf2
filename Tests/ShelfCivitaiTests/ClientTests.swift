import Glibc
import ShelfBase
import Testing

@testable import ShelfCivitai

/// The calls of the API, against a server that answers what the real one would.
@Suite(.timeLimit(.minutes(2)))
struct ClientTests {
    @Test func asksTenThousandDigestsAtOnceAndNoneTwice() throws {
        try withServer(answering: { request, _ in
            guard let asked = try? JSONValue.parse(request.body).array?.compactMap(\.string), asked.count <= 10_000,
                asked.allSatisfy({ $0.utf8.count == 64 })
            else { return .answer(400, #"{"error":"Request must include an array of SHA256 Hashes."}"#) }
            var items: [JSONValue] = [.null, .int(5), .object(["hash": .string("x")])]
            for hash in asked where hash.hasSuffix("7") {
                items.append(.object(["modelVersionId": .int(2), "modelId": .int(1), "hash": .string(hash)]))
                items.append(.object(["modelVersionId": .int(2), "modelId": .int(1), "hash": .string(hash)]))
                items.append(.object(["modelVersionId": .int(9), "hash": .string(hash.lowercased())]))
            }
            items.append(.object(["modelVersionId": .int(3), "hash": .string(digest(1_000_000))]))
            return .ok(JSONValue.array(items).text())
        }) { server, client throws in
            let digests = (0..<12_000).map { digest($0) }
            let matches = try client.identify(sha256s: digests + digests.map { $0.uppercased() } + ["short"])
            #expect(server.requests.count == 2)
            #expect(server.requests.map(\.method) == ["POST", "POST"])
            #expect(server.requests.allSatisfy { $0.target == "/api/v1/model-versions/by-hash/ids" })
            #expect(server.requests.allSatisfy { $0.headers["content-type"] == "application/json" })
            #expect(matches.count == 1500)
            #expect(Set(matches.map(\.hash)).count == 750)
            #expect(matches.first?.modelID == 1)
            #expect(matches.first?.versionID == 2)
            #expect(matches.dropFirst().first?.modelID == nil)
        }
    }

    @Test func asksNothingForNothing() throws {
        try withServer(answering: { _, _ in .ok("[]") }) { server, client throws in
            #expect(try client.identify(sha256s: ["nonsense"]).isEmpty)
            #expect(try client.models(ids: [0, -4]).isEmpty)
            #expect(server.connections == 0)
        }
    }

    @Test func fetchesModelsAHundredACall() throws {
        try withServer(answering: { request, _ in
            let query = request.target.split(separator: "?").last.map(String.init) ?? ""
            guard query.contains("nsfw=true"), query.contains("archived=true"), query.contains("limit=100"),
                let list = query.split(separator: "&").first(where: { $0.hasPrefix("ids=") })
            else { return .answer(400, "{}") }
            let ids = list.dropFirst(4).split(separator: "%2C")
            let items =
                ids.filter { !$0.hasSuffix("9") }.map { #"{"id":\#($0),"name":"m"}"# } + ["null", #"{"id":5000}"#]
            return .ok(#"{"items":[\#(items.joined(separator: ","))],"metadata":{}}"#)
        }) { server, client throws in
            let models = try client.models(ids: Array(1...250) + [1, 2])
            #expect(models.count == 225)
            #expect(models.map(\.id) == models.map(\.id).sorted())
            #expect(server.requests.count == 3)
        }
    }

    @Test func followsAShortPageAndNotForEver() throws {
        try withServer(answering: { request, number in
            let items = number == 0 ? #"{"id":1}"# : number == 1 ? #"{"id":2}"# : ""
            let isLoop = request.target.contains("ids=7")
            return .ok(#"{"items":[\#(isLoop ? "" : items)],"metadata":{"nextCursor":"\#(isLoop ? 1 : number)|2 3"}}"#)
        }) { server, client throws in
            #expect(try client.models(ids: [1, 2]).map(\.id) == [1, 2])
            #expect(server.requests.count == 2)
            #expect(server.requests.last?.target.contains("cursor=0%7C2%203") == true)
            #expect(try client.models(ids: [7, 8]).isEmpty)
            #expect(server.requests.count == 4)
        }
    }

    @Test func oneFailureOfManyIsOneFailure() throws {
        try withServer(answering: { request, _ in
            if request.target.hasSuffix("AAAAAAAAAAAA") { return .ok(#"{"id":1,"modelId":2}"#) }
            if request.target.hasSuffix("BBBBBBBBBBBB") { return .answer(404, #"{"error":"Model not found"}"#) }
            if request.target.hasSuffix("CCCCCCCCCCCC") { return .answer(404, #"{}"#) }
            return .answer(403, "<html>challenge</html>", type: "text/html")
        }) { _, client throws in
            var words: [String] = Array(repeating: "", count: 5)
            let hashes = ["aaaaaaaaaaaa", "bbbbbbbbbbbb", "cccccccccccc", "dddddddddddd", "../models/1"]
            try client.versions(hashes: hashes) { index, answer in
                words[index] =
                    switch answer {
                    case .found(let version): "version \(version.id)"
                    case .notFound: "not found"
                    case .failed(let error): error.code.rawValue
                    }
            }
            #expect(words == ["version 1", "not found", "bad_response", "forbidden", "usage"])
        }
    }

    @Test func wholeVersionsComeOnce() throws {
        try withServer(answering: { request, _ in
            .ok(#"[null,{"id":2,"files":[{"id":1,"hashes":{"SHA256":"\#(digest(1).uppercased())"}}]},{"id":2}]"#)
        }) { server, client throws in
            let versions = try client.versions(sha256s: (0..<150).map { digest($0) })
            #expect(server.requests.count == 2)
            #expect(versions.map(\.id) == [2])
            #expect(versions.first?.file(hash: digest(1))?.id == 1)
        }
    }

    @Test func oneModelAndOneVersion() throws {
        try withServer(answering: { request, _ in
            switch request.target {
            case "/api/v1/models/1": .ok(#"{"id":1,"modelVersions":[{"id":2}]}"#)
            case "/api/v1/model-versions/2": .ok(#"{"id":2,"modelId":1}"#)
            case "/api/v1/me": .answer(401, #"{"error":"Unauthorized"}"#)
            default: .answer(404, #"{"error":"No model with id"}"#)
            }
        }) { _, client throws in
            #expect(try client.model(1)?.versions.map(\.id) == [2])
            #expect(try client.version(2)?.modelID == 1)
            #expect(try client.model(5) == nil)
            let error = #expect(throws: ShelfError.self) { try client.me() }
            #expect(error?.code == .unauthorized)
            #expect(error?.hint?.contains("CIVITAI_TOKEN") == true)
        }
    }

    @Test func aBaseMayHaveAPath() throws {
        let server = try LoopbackServer { _, _ in .ok(#"{"id":1}"#) }
        defer { server.stop() }
        let client = CivitaiClient(try CivitaiConfiguration(baseURL: server.url + "/mirror/"))
        #expect(try client.model(1)?.id == 1)
        #expect(server.requests.first?.target == "/mirror/api/v1/models/1")
    }

    @Test func errorsNeverHoldTheKey() throws {
        let key = "0123456789abcdef0123456789abcdef"
        try withServer(
            token: key,
            answering: { _, _ in .answer(401, #"{"error":"bad key at https://x/?token=\#(key)&a=1"}"#) }
        ) { _, client throws in
            let error = #expect(throws: ShelfError.self) { try client.me() }
            #expect(error.map { "\($0) \($0.json)" }?.contains(key) == false)
            #expect(!"\(client.configuration)".contains(key))
            var dumped = ""
            dump(client.configuration, to: &dumped)
            #expect(!dumped.contains(key))
        }
    }

    @Test func processesShareOnePace() throws {
        let pace = SharedPace()
        try withServer(
            configure: { $0.sharing = pace },
            answering: { _, number in
                number == 0 ? .answer(503, "{}", headers: ["Retry-After: 1"]) : .ok(#"{"id":1}"#)
            }
        ) { server, client throws in
            _ = try client.me()
            let until = pace.notBefore(host: server.url) ?? 0
            #expect(until > Clock.wallMilliseconds() - 2000)
            // Another process, which was told nothing itself.
            pace.publish(host: server.url, notBefore: Clock.wallMilliseconds() + 700)
            let other = CivitaiClient(client.configuration)
            let time = try elapsed { _ = try other.me() }
            #expect(time >= 600 && time < 2000)
        }
    }

    // The thread sanitizer, where it is built in, forbids threads in a forked child.
    @Test(.enabled(if: dlsym(nil, "__tsan_init") == nil)) func aForkedChildUsesConnectionsOfItsOwn() throws {
        try withServer(answering: { _, _ in .ok(#"{"id":1}"#) }) { server, client throws in
            _ = try client.me()
            let child = forkProcess()
            if child == 0 {
                alarm(20)
                _exit((try? client.me().id) == 1 && client.sender.transport.connectionsOpened == 1 ? 0 : 1)
            }
            var status: Int32 = -1
            waitpid(child, &status, 0)
            #expect(status == 0)
            _ = try client.me()
            #expect(server.connections == 2)
        }
    }
}

private final class SharedPace: PaceSharing {
    private let times = Locked<[String: Int64]>([:])

    func notBefore(host: String) -> Int64? { times.withLock { $0[host] } }

    func publish(host: String, notBefore: Int64) {
        times.withLock { $0[host] = max($0[host] ?? 0, notBefore) }
    }
}

/// `fork`, which Swift does not offer because most of a program cannot be used after it. A C or Python program forks
/// all the same.
private func forkProcess() -> pid_t {
    typealias Fork = @convention(c) () -> pid_t
    guard let symbol = dlsym(nil, "fork") else { return -1 }
    return unsafeBitCast(symbol, to: Fork.self)()
}
