public import ShelfBase

/// Decides what to do with the outcome of one attempt. It does nothing itself: time and chance are arguments.
///
/// Every request that goes through here may be repeated without harm: GETs, and POSTs that only ask (`by-hash`).
public struct RetryPolicy: Sendable {
    /// What an attempt brought.
    public enum Outcome: Sendable {
        case response(status: Int, retryAfter: String?, body: AnswerBody)
        case failure(TransportFailure)
    }

    public enum Decision: Sendable {
        /// The service has spoken; with 404 it has said that there is no such thing.
        case answer
        /// Try again after so many milliseconds. `holdsHost`: the service asked everybody to wait.
        case retry(afterMilliseconds: Int64, holdsHost: Bool)
        case giveUp(ShelfError)
    }

    /// How an outcome looks to the pacing and to the circuit breaker.
    public enum Signal: Sendable, Equatable {
        case good
        /// The service is alive but gave no usable answer.
        case misbehaved
        /// The service asked for less.
        case overloaded
        /// Nobody there, nobody who answers in time, or nobody who can prove who it is.
        case unreachable
        /// Our side gave up: says nothing about the service.
        case none
    }

    /// With one answer in three spoilt, eight attempts fail one request in 6,500.
    public var maximumAttempts = 8
    /// A dead address does not come alive in the seconds that somebody waits.
    public var maximumUnreachableAttempts = 4
    /// Each of these already took as long as a person waits.
    public var maximumTimeouts = 2
    /// The first pause, doubled each time, in milliseconds.
    public var basePause: Int64 = 250
    public var maximumPause: Int64 = 2_000
    /// The longest wait that the service may ask for; beyond it the request fails.
    public var maximumRetryAfter: Int64 = 120_000
    /// From the first attempt of a request to the last.
    public var maximumElapsed: Int64 = 300_000

    public init() {}

    /// - Parameters:
    ///   - attempts: how many were made, this one included.
    ///   - elapsed: milliseconds since the first one began.
    ///   - jitter: a random number from 0 up to 1, so that clients do not come back all at once.
    ///   - wallNow: milliseconds since 1970, for dates in `Retry-After`.
    public func decide(
        _ outcome: Outcome, host: String, attempts: Int, elapsed: Int64, jitter: Double, wallNow: Int64
    ) -> Decision {
        switch outcome {
        case .failure(let failure):
            let error = ServiceErrors.transport(failure, host: host)
            guard let limit = attemptLimit(failure.kind) else { return .giveUp(error) }
            return again(error, attempts: attempts, limit: limit, elapsed: elapsed, jitter: jitter, asked: nil)
        case .response(let status, let retryAfter, let body):
            guard let (error, limit) = objection(status, body, hasRetryAfter: retryAfter != nil, host: host) else {
                return .answer
            }
            let asked = RetryAfter.milliseconds(retryAfter, wallNow: wallNow)
            // A 429 that names no time is a quota or a paging error here: waiting does not help.
            guard limit > 0, status != 429 || asked != nil else { return .giveUp(error) }
            return again(error, attempts: attempts, limit: limit, elapsed: elapsed, jitter: jitter, asked: asked)
        }
    }

    public func signal(_ outcome: Outcome) -> Signal {
        switch outcome {
        case .failure(let failure):
            switch failure.kind {
            case .resolve, .connect, .connectTimeout, .timeout, .proxy, .certificate, .certificateFile: .unreachable
            case .stalled, .reset, .truncated, .malformed, .tls, .other: .misbehaved
            case .tooLarge, .cancelled: .none
            }
        case .response(let status, let retryAfter, let body):
            switch objection(status, body, hasRetryAfter: retryAfter != nil, host: "") {
            case nil: .good
            case .some where status == 429 || (status == 503 && retryAfter != nil): .overloaded
            case .some((_, let limit)): limit > 0 ? .misbehaved : .good
            }
        }
    }

    /// The error that this outcome ends in when it is not tried again.
    func finalError(_ outcome: Outcome, host: String) -> ShelfError {
        switch outcome {
        case .failure(let failure): ServiceErrors.transport(failure, host: host)
        case .response(let status, let retryAfter, let body):
            objection(status, body, hasRetryAfter: retryAfter != nil, host: host)?.error
                ?? ServiceErrors.status(status, body, host: host)
        }
    }

    /// Attempts that this kind of failure is worth; nil when it would only repeat itself.
    private func attemptLimit(_ kind: TransportFailure.Kind) -> Int? {
        switch kind {
        case .resolve, .connect, .connectTimeout, .proxy: maximumUnreachableAttempts
        case .timeout, .stalled: maximumTimeouts
        case .reset, .truncated, .malformed, .tls, .other: maximumAttempts
        case .certificate, .certificateFile, .tooLarge, .cancelled: nil
        }
    }

    /// What is wrong with a response, and how many attempts it is worth (none: it is final); nil when it is an answer.
    private func objection(
        _ status: Int, _ body: AnswerBody, hasRetryAfter: Bool, host: String
    ) -> (error: ShelfError, attempts: Int)? {
        let isJSON = if case .json = body { true } else { false }
        switch status {
        case 200..<300, 404:
            // A 404 is the service's word only when the service said it: a page comes from something in between.
            return isJSON ? nil : (ServiceErrors.undecodable(body, status: status, host: host), maximumAttempts)
        case 429: return (ServiceErrors.status(status, body, host: host), hasRetryAfter ? maximumAttempts : 0)
        case 408, 425, 502, 503, 504, 520...530:
            return (ServiceErrors.status(status, body, host: host), maximumAttempts)
        // An error inside the service: seldom temporary, so it gets a second and a third chance, not eight.
        case 500: return (ServiceErrors.status(status, body, host: host), min(3, maximumAttempts))
        default: return (ServiceErrors.status(status, body, host: host), 0)
        }
    }

    private func again(
        _ error: ShelfError, attempts: Int, limit: Int, elapsed: Int64, jitter: Double, asked: Int64?
    ) -> Decision {
        guard attempts < limit else { return .giveUp(error) }
        let pause = pause(afterAttempt: attempts, jitter: jitter)
        guard let asked, asked > 0 else {
            return elapsed + pause < maximumElapsed
                ? .retry(afterMilliseconds: pause, holdsHost: false) : .giveUp(error)
        }
        guard asked <= maximumRetryAfter, elapsed + asked < maximumElapsed else {
            return .giveUp(
                ShelfError(
                    .rateLimited, error.message,
                    hint: "the service asks to wait \(asked / 1000) seconds; run it again after that"))
        }
        return .retry(afterMilliseconds: max(asked, pause), holdsHost: true)
    }

    /// Exponential, spread over 80 to 120 percent.
    func pause(afterAttempt attempt: Int, jitter: Double) -> Int64 {
        let doublings = min(max(0, attempt - 1), 16)
        let plain = min(maximumPause, basePause << Int64(doublings))
        return Int64(Double(plain) * (0.8 + 0.4 * min(max(jitter, 0), 1)))
    }
}
