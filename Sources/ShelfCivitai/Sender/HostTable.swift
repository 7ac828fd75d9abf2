internal import ShelfBase

/// The pacing and the circuit breaker of every host, shared by all threads that send.
final class HostTable: Sendable {
    enum Permission {
        case go
        /// Ask again at this time, or when something has finished.
        case wait(until: Int64)
        case refuse(ShelfError)
    }

    private struct Host: Sendable {
        var pacer: Pacer
        var breaker: CircuitBreaker
        var sharedReadAt = Int64.min
    }

    /// How long what other processes said is believed without asking again, in milliseconds.
    private static let sharingInterval: Int64 = 250

    private let pacing: Pacer.Settings
    private let breaking: CircuitBreaker.Settings
    private let sharing: (any PaceSharing)?
    private let hosts = Locked<[String: Host]>([:])

    init(pacing: Pacer.Settings, breaking: CircuitBreaker.Settings, sharing: (any PaceSharing)?) {
        self.pacing = pacing
        self.breaking = breaking
        self.sharing = sharing
    }

    /// Whether a request to this host may start; `go` counts as started. `now` is monotonic, in milliseconds.
    func start(_ name: String, now: Int64) -> Permission {
        readShared(name, now: now)
        return withHost(name) { host in
            switch host.breaker.start(now: now) {
            case .refuse(let error): return .refuse(error)
            case .wait: return .wait(until: now + Self.sharingInterval)
            case .go: break
            }
            switch host.pacer.start(now: now) {
            case .go: return .go
            case .full:
                host.breaker.withdraw(now: now)
                return .wait(until: now + Self.sharingInterval)
            case .wait(let until):
                host.breaker.withdraw(now: now)
                return .wait(until: until)
            }
        }
    }

    /// `hold` is how long the host asked everybody to wait, in milliseconds.
    func finished(
        _ name: String, _ signal: RetryPolicy.Signal, error: @autoclosure () -> ShelfError, isMultiplexed: Bool,
        hold: Int64?, now: Int64
    ) {
        withHost(name) { host in
            host.pacer.finished(signal, isMultiplexed: isMultiplexed, now: now)
            host.breaker.finished(signal, error: error(), now: now)
            if let hold { host.pacer.hold(until: now + hold, now: now) }
        }
        if let hold { sharing?.publish(host: name, notBefore: Clock.wallMilliseconds() + hold) }
    }

    /// Takes back a start whose outcome nobody will hear of.
    func abandoned(_ name: String, now: Int64) {
        finished(name, .none, error: ShelfError(.cancelled, ""), isMultiplexed: false, hold: nil, now: now)
    }

    /// Why nothing may be asked of this host for some time; nil when it does not count as down.
    func refusal(_ name: String, now: Int64) -> ShelfError? { withHost(name) { $0.breaker.refusal(now: now) } }

    private func readShared(_ name: String, now: Int64) {
        guard let sharing else { return }
        let isDue = withHost(name) { host in
            guard now >= host.sharedReadAt else { return false }
            host.sharedReadAt = now + Self.sharingInterval
            return true
        }
        // Outside the lock: the answer may come from a file.
        guard isDue, let time = sharing.notBefore(host: name) else { return }
        let wait = time - Clock.wallMilliseconds()
        guard wait > 0 else { return }
        withHost(name) { $0.pacer.hold(until: now + wait, now: now) }
    }

    private func withHost<Result>(_ name: String, _ body: (inout Host) -> Result) -> Result {
        hosts.withLock { hosts in
            var host =
                hosts[name] ?? Host(pacer: Pacer(settings: pacing), breaker: CircuitBreaker(settings: breaking))
            let result = body(&host)
            hosts[name] = host
            return result
        }
    }
}
