import ShelfBase
import Testing

@testable import ShelfCivitai

/// Runs `body` with a server that answers by `script`, and a client of it.
func withServer(
    token: String? = nil, configure: (inout CivitaiConfiguration) -> Void = { _ in },
    answering script: @escaping LoopbackServer.Script, _ body: (LoopbackServer, CivitaiClient) throws -> Void
) throws {
    let server = try LoopbackServer(script)
    defer { server.stop() }
    var configuration = try CivitaiConfiguration(baseURL: server.url, token: token.flatMap { Secret($0) })
    configure(&configuration)
    try body(server, CivitaiClient(configuration))
}

/// Milliseconds that `body` took.
func elapsed(_ body: () throws -> Void) rethrows -> Int64 {
    let start = Clock.monotonicNanoseconds()
    try body()
    return (Clock.monotonicNanoseconds() - start) / 1_000_000
}

func json(_ text: String) throws -> JSONValue { try JSONValue.parse(text) }

func digest(_ number: Int) -> String {
    let digits = String(number, radix: 16)
    return String(repeating: "0", count: 64 - digits.count) + digits
}
