internal import CCurl
internal import ShelfBase

/// One exchange on its way through libcurl.
final class Transfer: @unchecked Sendable {
    // Sendable: made by a calling thread, handed over through the network thread's locked inbox, and from then on
    // touched by the network thread alone; `id` never changes.
    typealias Outcome = Result<HTTPResponse, TransportFailure>

    /// Bytes of all header lines together; a server that sends more is not one that we know.
    static let maximumHeaderBytes = 256 << 10

    let id: UInt64
    let request: HTTPRequest
    private var deliver: (@Sendable (Outcome) -> Void)?

    /// libcurl's handle and what it points to while it lives.
    var easy: UnsafeMutableRawPointer?
    var headerList: UnsafeMutablePointer<curl_slist>?
    let errorText = UnsafeMutablePointer<CChar>.allocate(capacity: Int(CURL_ERROR_SIZE))

    /// What a callback did with bytes.
    enum Reception { case taken, later, refused }

    /// Where the body goes piece by piece; nil when it is gathered here.
    let sink: StreamInlet?
    private(set) var headers: [(name: String, value: String)] = []
    private var headerBytes = 0
    private(set) var body: [UInt8] = []
    private(set) var answerBegan = false
    /// Set by a callback that makes libcurl stop: its own error code would only say that a callback failed.
    private(set) var ownFailure: TransportFailure?
    private var windowStart: Int64 = 0
    private var windowBytes: Int64 = 0

    init(
        id: UInt64, request: HTTPRequest, sink: StreamInlet? = nil, deliver: @escaping @Sendable (Outcome) -> Void
    ) {
        self.id = id
        self.request = request
        self.sink = sink
        self.deliver = deliver
        errorText.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
    }

    deinit {
        // The handle refers to the list and to the buffer, so it goes first.
        if let easy { curl_easy_cleanup(easy) }
        if let headerList { curl_slist_free_all(headerList) }
        errorText.deallocate()
    }

    /// Tells the caller, once.
    func finish(_ outcome: Outcome) {
        let deliver = self.deliver
        self.deliver = nil
        deliver?(outcome)
    }

    func receive(body bytes: UnsafeRawBufferPointer) -> Reception {
        if let sink {
            if !sink.hasHead { sink.begin(head()) }
            return sink.offer(bytes) ? .taken : .later
        }
        guard Int64(body.count) + Int64(bytes.count) <= request.limits.responseBytes else {
            ownFailure = TransportFailure(.tooLarge)
            return .refused
        }
        body.append(contentsOf: bytes)
        return .taken
    }

    func receive(headerLine bytes: UnsafeRawBufferPointer) -> Reception {
        headerBytes += bytes.count
        guard headerBytes <= Self.maximumHeaderBytes else {
            ownFailure = TransportFailure(.tooLarge, "the header of the answer is too long")
            return .refused
        }
        let line = String(decoding: bytes, as: UTF8.self)
        if line.hasPrefix("HTTP/") {
            // An interim answer (1xx) came before this one.
            headers.removeAll()
            answerBegan = true
        } else if let colon = line.firstIndex(of: ":") {
            let value = line[line.index(after: colon)...].drop { $0.isWhitespace }
            let end = value.lastIndex { !$0.isWhitespace }
            headers.append((line[..<colon].lowercased(), end.map { String(value[...$0]) } ?? ""))
        }
        return .taken
    }

    /// Starts the first span in which something must happen. `now` is monotonic, in nanoseconds.
    func startWatching(now: Int64) { windowStart = now }

    /// Whether the exchange has come to a stand. `moved` counts the bytes in both directions so far.
    func isStalled(now: Int64, moved: Int64) -> Bool {
        if let sink, sink.isPaused {
            // Whoever takes the bytes is slow, not the server.
            windowBytes = moved
            windowStart = now
            return false
        }
        let wanted = answerBegan ? max(1, request.limits.stallBytes) : 1
        if moved - windowBytes >= wanted {
            windowBytes = moved
            windowStart = now
            return false
        }
        let limit = answerBegan ? request.limits.stall : request.limits.firstByte
        return (now - windowStart) / 1_000_000 >= limit
    }
}
