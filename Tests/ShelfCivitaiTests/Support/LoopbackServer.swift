import Glibc
import ShelfBase

@testable import ShelfCivitai

/// A tiny HTTP/1.1 server on loopback that misbehaves on order: each answer is a script of raw steps.
final class LoopbackServer: Sendable {
    enum Step: Sendable {
        case send(String)
        case pause(milliseconds: Int64)
        /// Closes with RST, so that the peer sees a broken connection and not an end.
        case reset
        case close
    }

    struct Request: Sendable {
        let method: String
        let target: String
        let headers: [String: String]
        let body: String
    }

    typealias Script = @Sendable (_ request: Request, _ number: Int) -> [Step]

    private struct Record: Sendable {
        var connections = 0
        var requests: [Request] = []
        var open: Set<Int32> = []
        var threads: [ThreadHandle] = []
        var isStopped = false
    }

    let port: UInt16
    private let listener: Int32
    private let record = Locked(Record())
    private let script: Script

    init(_ script: @escaping Script) throws {
        self.script = script
        listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let listener = self.listener
        let status = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                bind(listener, address, length) == 0 && listen(listener, 64) == 0
                    && getsockname(listener, address, &length) == 0
            }
        }
        guard status else { throw ShelfError(.internalError, "no loopback socket") }
        port = UInt16(bigEndian: address.sin_port)
        let acceptor = ThreadHandle.start { self.acceptConnections() }
        record.withLock { record in if let acceptor { record.threads.append(acceptor) } }
    }

    var url: String { "http://127.0.0.1:\(port)" }
    var connections: Int { record.withLock { $0.connections } }
    var requests: [Request] { record.withLock { $0.requests } }

    /// Ends the server and cuts what is open. The threads close their sockets themselves: a number closed here could
    /// be another server's by the time that they use it.
    func stop() {
        shutdown(listener, Int32(SHUT_RDWR))
        record.withLock { record in
            record.isStopped = true
            for socket in record.open { shutdown(socket, Int32(SHUT_RDWR)) }
        }
        while let thread = record.withLock({ $0.threads.isEmpty ? nil : $0.threads.removeFirst() }) { thread.join() }
    }

    private func acceptConnections() {
        while true {
            let connection = accept(listener, nil, nil)
            guard connection >= 0 else { break }
            record.withLock { record in
                record.connections += 1
                record.open.insert(connection)
            }
            let server = ThreadHandle.start {
                self.serve(connection)
                self.record.withLock { _ = $0.open.remove(connection) }
                Glibc.close(connection)
            }
            record.withLock { record in if let server { record.threads.append(server) } }
        }
        Glibc.close(listener)
    }

    private func serve(_ connection: Int32) {
        var reader = RequestReader(connection: connection)
        while let request = reader.next() {
            let number = record.withLock { record in
                record.requests.append(request)
                return record.requests.count - 1
            }
            for step in script(request, number) {
                switch step {
                case .send(let text): guard write(text, connection) else { return }
                case .pause(let milliseconds): pause(milliseconds)
                case .close: return
                case .reset:
                    var option = linger(l_onoff: 1, l_linger: 0)
                    setsockopt(connection, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
                    return
                }
                if record.withLock({ $0.isStopped }) { return }
            }
        }
    }

    private func pause(_ milliseconds: Int64) {
        let end = Clock.monotonicMilliseconds() + milliseconds
        while !record.withLock({ $0.isStopped }) {
            let left = end - Clock.monotonicMilliseconds()
            guard left > 0 else { return }
            Clock.sleep(milliseconds: min(left, 20))
        }
    }

    private func write(_ text: String, _ connection: Int32) -> Bool {
        let bytes = Array(text.utf8)
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes {
                Glibc.send(connection, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return false }
            sent += count
        }
        return true
    }
}

extension [LoopbackServer.Step] {
    /// A whole answer with a length, after which the connection stays open.
    static func answer(
        _ status: Int, _ body: String, headers: [String] = [], type: String = "application/json"
    ) -> Self {
        let lines =
            ["HTTP/1.1 \(status) Text", "Content-Type: \(type)", "Content-Length: \(body.utf8.count)"] + headers
        return [.send(lines.joined(separator: "\r\n") + "\r\n\r\n" + body)]
    }

    static func ok(_ body: String) -> Self { answer(200, body) }

    static var page: Self { .answer(200, "<!DOCTYPE html><html><body>Just a moment</body></html>", type: "text/html") }

    /// Announces more than it sends.
    static var truncated: Self {
        [.send("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 500\r\n\r\n{\"id\":"), .close]
    }
}

private struct RequestReader {
    let connection: Int32
    var buffer: [UInt8] = []

    mutating func next() -> LoopbackServer.Request? {
        var end = Self.headEnd(buffer)
        while end == nil {
            guard fill() else { return nil }
            end = Self.headEnd(buffer)
        }
        guard let end else { return nil }
        var lines = String(decoding: buffer[..<end], as: UTF8.self).split(separator: "\r\n").map(String.init)
        let first = lines.removeFirst().split(separator: " ")
        var headers: [String: String] = [:]
        for line in lines {
            let parts = line.split(separator: ":", maxSplits: 1)
            if parts.count == 2 { headers[parts[0].lowercased()] = String(parts[1].drop { $0 == " " }) }
        }
        let length = headers["content-length"].flatMap { Int($0) } ?? 0
        while buffer.count < end + 4 + length { guard fill() else { return nil } }
        let body = String(decoding: buffer[(end + 4)..<(end + 4 + length)], as: UTF8.self)
        buffer.removeFirst(end + 4 + length)
        guard first.count == 3 else { return nil }
        return LoopbackServer.Request(method: String(first[0]), target: String(first[1]), headers: headers, body: body)
    }

    private static func headEnd(_ bytes: [UInt8]) -> Int? {
        guard bytes.count >= 4 else { return nil }
        return (0...bytes.count - 4).first { bytes[$0..<$0 + 4].elementsEqual([13, 10, 13, 10]) }
    }

    private mutating func fill() -> Bool {
        var chunk = [UInt8](repeating: 0, count: 65_536)
        let count = recv(connection, &chunk, chunk.count, 0)
        guard count > 0 else { return false }
        buffer += chunk[..<count]
        return true
    }
}
