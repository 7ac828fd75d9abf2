public import ShelfBase
internal import Synchronization

/// Sends requests so that they succeed if they can: paced per host, retried when that helps, redirected where that is
/// safe, and given up soon when the service is down.
///
/// Blocks the calling thread; any thread may call, several at once, and all keep to one pace.
public final class RequestSender: Sendable {
    /// An answer of the service: JSON under a success or under 404.
    public struct Answer: Sendable {
        public let status: Int
        public let json: JSONValue
    }

    let transport: HTTPTransport
    private let retry: RetryPolicy
    private let hosts: HostTable
    private let base: HTTPURL.Origin
    private let sent = Atomic<Int>(0)

    /// - Parameter base: the origin of the configuration, which says where redirects may lead.
    public init(
        transport: HTTPTransport, base: HTTPURL.Origin, retry: RetryPolicy = RetryPolicy(),
        pacing: Pacer.Settings = Pacer.Settings(), breaking: CircuitBreaker.Settings = CircuitBreaker.Settings(),
        sharing: (any PaceSharing)? = nil
    ) {
        self.transport = transport
        self.retry = retry
        self.base = base
        hosts = HostTable(pacing: pacing, breaking: breaking, sharing: sharing)
    }

    /// Requests that went out so far, every attempt and every hop counted.
    public var requestCount: Int { sent.load(ordering: .relaxed) }

    /// Sends one request and waits for its answer.
    public func send(_ request: HTTPRequest, cancellation: Cancellation? = nil) throws(ShelfError) -> Answer {
        var result: Result<Answer, ShelfError> = .failure(ShelfError(.internalError, "the request was lost"))
        try send([request], cancellation: cancellation) { result = $1 }
        return try result.get()
    }

    /// Sends many requests, several at once, and hands over each result as soon as it is there, in no set order.
    ///
    /// `onResult` gets the request's index and is called on this thread, exactly once for each request unless the call
    /// throws: when offline, when cancelled (at once, without waiting for what is under way), and for lack of memory.
    public func send(
        _ requests: [HTTPRequest], cancellation: Cancellation? = nil,
        onResult: (Int, Result<Answer, ShelfError>) -> Void
    ) throws(ShelfError) {
        if let offline = transport.configuration.offline { throw offline.error }
        var batch = Batch(requests)
        let mailbox = Mailbox<Arrival>()
        var underWay: [Int: (host: String, ticket: HTTPTransport.Ticket)] = [:]
        defer {
            for (host, ticket) in underWay.values {
                transport.cancel(ticket)
                hosts.abandoned(host, now: Clock.monotonicMilliseconds())
            }
        }
        while !batch.isDone {
            if let cancellation { try cancellation.check() }
            var wake = Clock.monotonicMilliseconds() + 50
            for host in batch.hostsWithWork {
                wake = min(wake, try startDue(host, &batch, &underWay, mailbox, onResult))
            }
            guard !batch.isDone else { return }
            let pause = max(1, min(50, wake - Clock.monotonicMilliseconds()))
            for arrival in mailbox.receiveAll(milliseconds: pause) {
                if let cancellation { try cancellation.check() }
                underWay[arrival.index] = nil
                handle(arrival, &batch, onResult)
            }
        }
    }

    private struct Arrival: Sendable {
        let index: Int
        let outcome: Result<HTTPResponse, TransportFailure>
    }

    /// Starts what may start on one host; returns when to look again.
    private func startDue(
        _ host: String, _ batch: inout Batch, _ underWay: inout [Int: (host: String, ticket: HTTPTransport.Ticket)],
        _ mailbox: Mailbox<Arrival>, _ onResult: (Int, Result<Answer, ShelfError>) -> Void
    ) throws(ShelfError) -> Int64 {
        while true {
            let now = Clock.monotonicMilliseconds()
            guard let due = batch.nextDue(host) else { return .max }
            if due > now {
                guard let error = hosts.refusal(host, now: now) else { return due }
                for index in batch.dropWaiting(host) { onResult(index, .failure(error)) }
                return .max
            }
            switch hosts.start(host, now: now) {
            case .wait(let until): return until
            case .refuse(let error):
                for index in batch.dropWaiting(host) { onResult(index, .failure(error)) }
                return .max
            case .go:
                guard let (index, request) = batch.takeNext(host, now: now) else {
                    hosts.abandoned(host, now: now)
                    return .max
                }
                do {
                    let ticket = try transport.begin(request) { mailbox.post(Arrival(index: index, outcome: $0)) }
                    underWay[index] = (host, ticket)
                    sent.add(1, ordering: .relaxed)
                } catch {
                    hosts.abandoned(host, now: now)
                    throw error
                }
            }
        }
    }

    private func handle(
        _ arrival: Arrival, _ batch: inout Batch, _ onResult: (Int, Result<Answer, ShelfError>) -> Void
    ) {
        let index = arrival.index
        guard let job = batch.inFlight(index) else { return }
        let now = Clock.monotonicMilliseconds()
        let host = job.request.url.origin.description
        if case .success(let response) = arrival.outcome, Redirects.isRedirect(response.status) {
            hosts.finished(
                host, .good, error: ShelfError(.network, ""), isMultiplexed: response.isMultiplexed, hold: nil, now: now
            )
            do {
                let next = try Redirects.next(
                    after: job.request, status: response.status, location: response.header("location"), hops: job.hops,
                    base: base)
                batch.redirect(index, to: next)
            } catch {
                batch.finish(index)
                onResult(index, .failure(error))
            }
            return
        }
        let (outcome, json, status, isMultiplexed) = Self.read(arrival.outcome)
        let decision = retry.decide(
            outcome, host: job.request.url.origin.host, attempts: job.attempts, elapsed: now - job.startedAt,
            jitter: Double.random(in: 0..<1), wallNow: Clock.wallMilliseconds())
        var hold: Int64?
        if case .retry(let pause, true) = decision { hold = pause }
        hosts.finished(
            host, retry.signal(outcome), error: downError(outcome, host: job.request.url.origin.host),
            isMultiplexed: isMultiplexed, hold: hold, now: now)
        switch decision {
        case .answer:
            batch.finish(index)
            onResult(index, .success(Answer(status: status, json: json)))
        case .giveUp(let error):
            batch.finish(index)
            onResult(index, .failure(error))
        case .retry(let pause, _):
            Log.write(.debug, "\(job.request): attempt \(job.attempts) failed, again in \(pause) ms")
            batch.retry(index, at: now + pause)
        }
    }

    private static func read(
        _ result: Result<HTTPResponse, TransportFailure>
    ) -> (outcome: RetryPolicy.Outcome, json: JSONValue, status: Int, isMultiplexed: Bool) {
        switch result {
        case .failure(let failure): return (.failure(failure), .null, 0, false)
        case .success(let response):
            let body = AnswerBody.read(response)
            let json = if case .json(let value) = body { value } else { JSONValue.null }
            let outcome = RetryPolicy.Outcome.response(
                status: response.status, retryAfter: response.header("retry-after"), body: body)
            return (outcome, json, response.status, response.isMultiplexed)
        }
    }

    /// What those are told who are refused because the host is down.
    private func downError(_ outcome: RetryPolicy.Outcome, host: String) -> ShelfError {
        let last = retry.finalError(outcome, host: host)
        return ShelfError(last.code, "\(last.message), several times in a row", hint: last.hint)
    }
}

extension Clock {
    static func monotonicMilliseconds() -> Int64 { monotonicNanoseconds() / 1_000_000 }
}
