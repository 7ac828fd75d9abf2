/// What a server answered, whatever the status.
public struct HTTPResponse: Sendable {
    public var status: Int
    /// In the order received; names are in lower case.
    public var headers: [(name: String, value: String)]
    public var body: [UInt8]
    /// Whether the exchange went over HTTP/2, where one connection carries many exchanges.
    public var isMultiplexed: Bool

    public init(
        status: Int, headers: [(name: String, value: String)] = [], body: [UInt8] = [], isMultiplexed: Bool = false
    ) {
        self.status = status
        self.headers = headers
        self.body = body
        self.isMultiplexed = isMultiplexed
    }

    /// The first value of a header; the name is given in lower case.
    public func header(_ name: String) -> String? { headers.first { $0.name == name }?.value }
}
