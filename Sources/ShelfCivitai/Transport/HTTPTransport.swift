internal import Glibc
public import ShelfBase
internal import Synchronization

/// HTTP over libcurl: one network thread, started by the first request, that keeps connections open and carries many
/// exchanges at once. It follows no redirects and retries nothing; ``RequestSender`` decides such things.
///
/// Any thread may call it. A forked child gets a thread and connections of its own: those of the parent are left
/// alone, because both processes would write into one stream.
public final class HTTPTransport: Sendable {
    /// Connections to one host over HTTP/1.1, as browsers do it; HTTP/2 needs one.
    static let connectionsPerHost = 6

    /// What is the same for every request.
    public struct Configuration: Sendable {
        /// When set, nothing is ever sent and no thread or socket is made.
        public var offline: OfflineSwitch?
        public var userAgent: String
        /// Files of trusted certificates to try after the system's, such as that of Python's `certifi`.
        public var certificateFallbacks: [String]

        public init(
            offline: OfflineSwitch? = nil, userAgent: String = UserAgent.text(version: "0.1.0"),
            certificateFallbacks: [String] = []
        ) {
            self.offline = offline
            self.userAgent = userAgent
            self.certificateFallbacks = certificateFallbacks
        }
    }

    /// Names one exchange, for ``cancel(_:)``.
    public struct Ticket: Sendable, Hashable {
        let process: pid_t
        let id: UInt64
    }

    private struct Engine: Sendable {
        let process: pid_t
        let network: NetworkThread
        let thread: ThreadHandle
    }

    public let configuration: Configuration
    private let engine = Locked<Engine?>(nil)
    private let lastID = Atomic<UInt64>(0)

    public init(_ configuration: Configuration = Configuration()) {
        self.configuration = configuration
    }

    deinit {
        guard let engine = engine.withLock({ $0 }) else { return }
        guard engine.process == getpid() else {
            _ = Unmanaged.passRetained(engine.network)
            return
        }
        engine.network.stop()
        engine.thread.join()
    }

    /// Whether the network thread is running in this process.
    public var isStarted: Bool { engine.withLock { $0?.process == getpid() } }

    /// Connections opened so far in this process.
    public var connectionsOpened: Int {
        engine.withLock { $0?.process == getpid() ? $0?.network.connectionsOpened ?? 0 : 0 }
    }

    /// Starts an exchange. `deliver` is called exactly once, on the network thread, and must only pass the outcome on.
    @discardableResult
    public func begin(
        _ request: HTTPRequest, deliver: @escaping @Sendable (Result<HTTPResponse, TransportFailure>) -> Void
    ) throws(ShelfError) -> Ticket {
        if let offline = configuration.offline { throw offline.error }
        let network = try runningNetwork()
        let id = lastID.add(1, ordering: .relaxed).newValue
        network.add(Transfer(id: id, request: request, deliver: deliver))
        return Ticket(process: getpid(), id: id)
    }

    /// Starts an exchange whose body is taken piece by piece from the stream that is given back.
    public func stream(_ request: HTTPRequest) throws(ShelfError) -> HTTPStream {
        if let offline = configuration.offline { throw offline.error }
        let network = try runningNetwork()
        let id = lastID.add(1, ordering: .relaxed).newValue
        let inlet = StreamInlet()
        network.add(Transfer(id: id, request: request, sink: inlet) { inlet.finish($0) })
        return HTTPStream(inlet: inlet, resume: { network.resume(id) }, cancel: { network.cancel(id) })
    }

    /// Gives an exchange up; its outcome is then ``TransportFailure/Kind/cancelled`` unless it was done already.
    public func cancel(_ ticket: Ticket) {
        let network = engine.withLock { $0?.process == ticket.process ? $0?.network : nil }
        guard ticket.process == getpid() else { return }
        network?.cancel(ticket.id)
    }

    private func runningNetwork() throws(ShelfError) -> NetworkThread {
        let process = getpid()
        let network: NetworkThread? = engine.withLock { engine in
            if let engine, engine.process == process { return engine.network }
            // The parent's: letting it go would say goodbye on the parent's connections.
            if let engine { _ = Unmanaged.passRetained(engine.network) }
            let defaults = TransferDefaults(
                userAgent: configuration.userAgent, certificateFallbacks: configuration.certificateFallbacks)
            guard let network = NetworkThread(defaults: defaults),
                let thread = ThreadHandle.start({ network.run() })
            else { return nil }
            engine = Engine(process: process, network: network, thread: thread)
            return network
        }
        guard let network else {
            throw ShelfError(
                .network, "cannot start the network thread",
                hint: "the system has no memory or no threads left; close other programs and try again")
        }
        return network
    }
}
