/// How fast one host may be asked: so many at once, so far apart, and not before a time that the host named.
///
/// Additive increase, multiplicative decrease, as TCP does it: the service publishes no limits, so they are found by
/// asking a little more until it objects. A value with times as arguments; the caller keeps it under a lock. All times
/// are milliseconds of one clock that never jumps.
public struct Pacer: Sendable {
    public struct Settings: Sendable {
        /// Requests at once to begin with.
        public var initialConcurrency = 4.0
        /// Over HTTP/1.1 each takes a connection.
        public var maximumConcurrency = 6.0
        public var maximumMultiplexed = 8.0
        /// The gap between starts after the first objection, and the largest one.
        public var firstInterval = 100.0
        public var maximumInterval = 5_000.0
        /// Objections that arrive together are one objection: at most one slowing down in this time.
        public var decreasePause: Int64 = 500
        /// From this many failures in a row on, starts are spaced: first by ``failureInterval``, then by twice that,
        /// and so on up to ``maximumFailureInterval``. A host that is down is not hammered until that is certain.
        public var failuresBeforeSpacing = 3
        public var failureInterval: Int64 = 50
        public var maximumFailureInterval: Int64 = 500
        /// No hold is longer, whoever asked for it: a clock set wrong elsewhere must not stop us for days.
        public var maximumHold: Int64 = 120_000

        public init() {}
    }

    public enum Permission: Sendable, Equatable {
        case go
        case wait(until: Int64)
        /// As many are under way as may be; the end of one makes room.
        case full
    }

    public let settings: Settings
    public private(set) var concurrency: Double
    public private(set) var interval = 0.0
    public private(set) var inFlight = 0
    /// Nothing may start before this time.
    public private(set) var notBefore = Int64.min
    private var nextStart = Int64.min
    private var lastDecrease: Int64?
    private var ceiling: Double
    private var failuresInRow = 0

    public init(settings: Settings = Settings()) {
        self.settings = settings
        concurrency = settings.initialConcurrency
        ceiling = settings.maximumConcurrency
    }

    /// Whether a request may start now; if so, it counts as started.
    public mutating func start(now: Int64) -> Permission {
        let earliest = max(notBefore, nextStart)
        guard now >= earliest else { return .wait(until: earliest) }
        guard inFlight < max(1, Int(concurrency)) else { return .full }
        inFlight += 1
        nextStart = interval > 0 ? now + Int64(interval) : Int64.min
        return .go
    }

    public mutating func finished(_ signal: RetryPolicy.Signal, isMultiplexed: Bool, now: Int64) {
        inFlight = max(0, inFlight - 1)
        if isMultiplexed { ceiling = settings.maximumMultiplexed }
        switch signal {
        case .good:
            failuresInRow = 0
            concurrency = min(ceiling, concurrency + 1 / max(1, concurrency))
            interval = interval < 10 ? 0 : interval * 0.9
        case .overloaded, .misbehaved, .unreachable:
            spaceAfterFailure(now)
            if let lastDecrease, now - lastDecrease < settings.decreasePause { return }
            lastDecrease = now
            concurrency = max(1, concurrency / 2)
            // Only a word of the service's own spaces the requests out: faults on the way do not come from haste.
            if signal == .overloaded {
                interval = min(settings.maximumInterval, max(settings.firstInterval, interval * 2))
            }
        case .none: break
        }
    }

    private mutating func spaceAfterFailure(_ now: Int64) {
        failuresInRow += 1
        let excess = failuresInRow - settings.failuresBeforeSpacing
        guard excess >= 0 else { return }
        let gap = min(settings.maximumFailureInterval, settings.failureInterval << Int64(min(excess, 16)))
        nextStart = max(nextStart, now + gap)
    }

    /// Holds every request back until `time`, or as long as a hold may last.
    public mutating func hold(until time: Int64, now: Int64) {
        notBefore = max(notBefore, min(time, now + settings.maximumHold))
    }
}
