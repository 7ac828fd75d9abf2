/// One exchange to be made with a server.
public struct HTTPRequest: Sendable, CustomStringConvertible {
    public enum Method: String, Sendable {
        case get = "GET"
        case post = "POST"
    }

    public var method: Method
    public var url: HTTPURL
    /// Sent as they are, besides those that the transport makes itself.
    public var headers: [(name: String, value: String)]
    public var body: [UInt8]
    /// Goes into `Authorization`, and only to the origin of ``url`` as it stands here.
    public var token: Secret?
    public var limits: HTTPLimits
    /// Whether the body may come compressed. A file is asked for as it is: its length and its ranges are those of its bytes.
    public var acceptsCompression = true

    public init(
        _ method: Method, _ url: HTTPURL, headers: [(name: String, value: String)] = [], body: [UInt8] = [],
        token: Secret? = nil, limits: HTTPLimits = HTTPLimits()
    ) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
        self.token = token
        self.limits = limits
    }

    public var description: String { "\(method.rawValue) \(url)" }
}

/// What one exchange may cost. Times are in milliseconds.
public struct HTTPLimits: Sendable {
    /// Bytes of the body after decompression.
    public var responseBytes: Int64 = 64 << 20
    /// Name lookup, TCP and TLS together.
    public var connect: Int64 = 10_000
    /// Until the answer begins, counted from the last byte sent. The site's own router gives up after 30 s, and an
    /// answer that a person would still wait for comes well before that.
    public var firstByte: Int64 = 25_000
    /// Once the answer has begun, at least ``stallBytes`` must arrive in each such span.
    public var stall: Int64 = 15_000
    public var stallBytes: Int64 = 512
    /// The whole exchange; 0 for as long as it moves.
    public var total: Int64 = 180_000

    public init() {}

    /// For files of any size: no bound but that it keeps moving.
    public static var file: HTTPLimits {
        var limits = HTTPLimits()
        limits.responseBytes = .max
        limits.total = 0
        limits.stall = 20_000
        // Less is no slow line but a connection that is stuck: a new one may do better.
        limits.stallBytes = 4096
        return limits
    }
}
