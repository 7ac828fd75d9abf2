public import ShelfBase

/// Where a request may be sent on to, and what it may take along.
public enum Redirects {
    /// Hops that an API request follows.
    public static let maximumHops = 5

    /// Whether the status asks to go elsewhere.
    public static func isRedirect(_ status: Int) -> Bool { [301, 302, 303, 307, 308].contains(status) }

    /// The request to make next.
    ///
    /// The token stays with the origin it was given for: a subdomain, another port or another scheme is another
    /// origin. `base` is the origin of the configuration: only who asked for loopback is sent there, or to plain HTTP.
    public static func next(
        after request: HTTPRequest, status: Int, location: String?, hops: Int, base: HTTPURL.Origin
    ) throws(ShelfError) -> HTTPRequest {
        let host = request.url.origin.host
        guard let location, let target = request.url.resolving(location) else {
            throw ServiceErrors.status(status, .empty, host: host)
        }
        guard hops < maximumHops else {
            throw ShelfError(.badResponse, "\(host) redirects in circles", hint: "check CIVITAI_BASE_URL")
        }
        let isTheBase = target.origin == base
        guard base.isLoopback || isTheBase || (target.origin.isSecure && target.origin.isPublic) else {
            throw ShelfError(
                .badResponse, "\(host) redirects to \(target.origin), which is not a secure address on the internet",
                hint: "check CIVITAI_BASE_URL and HTTPS_PROXY")
        }
        var next = request
        next.url = target
        if target.origin != request.url.origin { next.token = nil }
        // RFC 9110, 15.4: 303 always turns into GET; 301 and 302 do so for POST, as every client has done.
        if request.method == .post, status == 301 || status == 302 || status == 303 {
            next.method = .get
            next.body = []
            next.headers.removeAll { $0.name.lowercased() == "content-type" }
        }
        return next
    }
}
