internal import ShelfBase

/// Asks Civitai. Every call blocks; any thread may call, several at once. The first request starts the network
/// thread; one client should serve a whole process, so that connections and pace are shared.
///
/// Failures are ``ShelfError`` with the codes `network timeout rate_limited unauthorized forbidden gone region_blocked
/// server_error bad_response too_large cancelled`; that the service does not have something is never mixed up with
/// not having been able to ask.
public final class CivitaiClient: Sendable {
    public let configuration: CivitaiConfiguration
    let sender: RequestSender

    public init(_ configuration: CivitaiConfiguration) {
        self.configuration = configuration
        let transport = HTTPTransport(
            HTTPTransport.Configuration(
                offline: configuration.offline, userAgent: configuration.userAgent,
                certificateFallbacks: configuration.certificateFallbacks))
        sender = RequestSender(
            transport: transport, base: configuration.base.origin, retry: configuration.retry,
            pacing: configuration.pacing, breaking: configuration.breaking, sharing: configuration.sharing)
    }

    /// Requests that went out so far, repeats and redirects counted.
    public var requestCount: Int { sender.requestCount }

    /// Addresses made from ids.
    public var addresses: CivitaiAddresses { CivitaiAddresses(configuration) }

    /// A request to the API; `path` starts after `/api/v1`.
    func request(
        _ method: HTTPRequest.Method = .get, _ path: String, query: [(String, String)] = [], body: JSONValue? = nil
    ) -> HTTPRequest {
        var target = configuration.base.target == "/" ? "" : configuration.base.target
        target += "/api/v1" + path
        for (index, (name, value)) in query.enumerated() {
            target += (index == 0 ? "?" : "&") + name + "=" + HTTPURL.encodedComponent(value)
        }
        var headers: [(name: String, value: String)] = [("Accept", "application/json")]
        if body != nil { headers.append(("Content-Type", "application/json")) }
        return HTTPRequest(
            method, HTTPURL(origin: configuration.base.origin, target: target), headers: headers,
            body: body?.bytes() ?? [], token: configuration.token, limits: configuration.limits)
    }

    /// Sends one request for one object; nil when the service says that there is no such thing.
    func ask<Value: Sendable>(
        _ request: HTTPRequest, _ cancellation: Cancellation?, _ decode: (JSONValue) -> Value?
    ) throws(ShelfError) -> Value? {
        switch interpret(.success(try sender.send(request, cancellation: cancellation)), decode) {
        case .found(let value): return value
        case .notFound: return nil
        case .failed(let error): throw error
        }
    }

    /// What an answer says about the one thing that was asked for.
    func interpret<Value: Sendable>(
        _ result: Result<RequestSender.Answer, ShelfError>, _ decode: (JSONValue) -> Value?
    ) -> RemoteAnswer<Value> {
        switch result {
        case .failure(let error): return .failed(error)
        case .success(let answer):
            if answer.status == 404 {
                // The service's own 404 is an object with its words in it; anything else is somebody else's.
                let isItsWord = answer.json["error"] != nil || answer.json["message"] != nil
                return isItsWord ? .notFound : .failed(unexpected(answer))
            }
            return decode(answer.json).map { .found($0) } ?? .failed(unexpected(answer))
        }
    }

    func unexpected(_ answer: RequestSender.Answer) -> ShelfError {
        ServiceErrors.undecodable(.json(answer.json), status: answer.status, host: configuration.base.origin.host)
    }
}
