public import ShelfBase

/// Stops asking a host that is down, so that ten thousand lookups end after some seconds and not after ten thousand
/// timeouts. A value with times as arguments, like ``Pacer``.
public struct CircuitBreaker: Sendable {
    public struct Settings: Sendable {
        /// Failures in a row without any answer in between. With one answer in three spoilt, a run of sixteen comes
        /// once in forty million requests.
        public var misbehaved = 16
        /// Failures in a row to reach the host at all.
        public var unreachable = 4
        /// The run must last this long, so that a hiccup with many requests under way is not an outage.
        public var shortestOutage: Int64 = 1_000
        /// How long to leave the host alone before one request probes it again.
        public var pause: Int64 = 30_000

        public init() {}
    }

    public enum Permission: Sendable {
        case go
        /// A probe is under way; its end decides.
        case wait
        case refuse(ShelfError)
    }

    private enum State: Sendable {
        case closed
        case open(until: Int64, error: ShelfError)
        case probing(since: Int64, error: ShelfError)
    }

    public let settings: Settings
    private var state = State.closed
    private var misbehaved = 0
    private var unreachable = 0
    private var firstFailure: Int64?

    public init(settings: Settings = Settings()) { self.settings = settings }

    /// Whether a request may start; after the pause the first one to ask becomes the probe.
    public mutating func start(now: Int64) -> Permission {
        switch state {
        case .closed: return .go
        case .open(let until, let error):
            guard now >= until else { return .refuse(error) }
            state = .probing(since: now, error: error)
            return .go
        case .probing(let since, let error):
            // Whoever sent the probe may have gone away with it.
            guard now - since >= settings.pause else { return .wait }
            state = .probing(since: now, error: error)
            return .go
        }
    }

    /// Takes back a `go` that led to no request.
    public mutating func withdraw(now: Int64) {
        if case .probing(_, let error) = state { state = .open(until: now, error: error) }
    }

    /// `error` is what the failure was, for those who are refused from now on.
    public mutating func finished(_ signal: RetryPolicy.Signal, error: @autoclosure () -> ShelfError, now: Int64) {
        switch signal {
        case .good:
            state = .closed
            misbehaved = 0
            unreachable = 0
            firstFailure = nil
        case .misbehaved, .overloaded, .unreachable:
            // A host that answers everybody with "later" is down as well.
            misbehaved += 1
            if signal == .unreachable { unreachable += 1 }
            let since = firstFailure ?? now
            firstFailure = since
            let isRun = misbehaved >= settings.misbehaved || unreachable >= settings.unreachable
            if case .probing = state {
                open(error(), now)
            } else if isRun, now - since >= settings.shortestOutage {
                open(error(), now)
            }
        case .none: withdraw(now: now)
        }
    }

    /// The error for everybody while the host is left alone.
    public func refusal(now: Int64) -> ShelfError? {
        if case .open(let until, let error) = state, now < until { error } else { nil }
    }

    private mutating func open(_ error: ShelfError, _ now: Int64) {
        state = .open(until: now + settings.pause, error: error)
    }
}
