public import ShelfBase

/// Where Civitai is and how to ask it.
public struct CivitaiConfiguration: Sendable {
    /// The public site, whose pages are shown to people.
    public static let publicOrigin = "https://civitai.com"

    /// Origin of the API, with a path in front of `/api/v1` if a gateway needs one.
    public let base: HTTPURL
    /// Sent to the origin of ``base`` and to no other.
    public var token: Secret?
    public var offline: OfflineSwitch?
    public var userAgent: String
    /// Files of trusted certificates to try after the system's.
    public var certificateFallbacks: [String]
    public var limits = HTTPLimits()
    public var retry = RetryPolicy()
    public var pacing = Pacer.Settings()
    public var breaking = CircuitBreaker.Settings()
    /// Keeps several processes to one pace.
    public var sharing: (any PaceSharing)?

    /// - Parameter allowsHTTP: whether `http://` is allowed for other hosts than this machine; a token would then be
    ///   readable on the way.
    /// - Throws: ``ErrorCode/usage`` when the address cannot be used.
    public init(
        baseURL: String = CivitaiConfiguration.publicOrigin, token: Secret? = nil, offline: OfflineSwitch? = nil,
        allowsHTTP: Bool = false, version: String = "0.1.0", certificateFallbacks: [String] = []
    ) throws(ShelfError) {
        base = try Self.base(baseURL, allowsHTTP: allowsHTTP)
        self.token = token
        self.offline = offline
        userAgent = UserAgent.text(version: version)
        self.certificateFallbacks = certificateFallbacks
    }

    /// What the environment says: `CIVITAI_BASE_URL`, `CIVITAI_TOKEN` or `CIVITAI_API_KEY`, `MODELSHELF_OFFLINE`,
    /// `MODELSHELF_ALLOW_HTTP`. What is given here comes first.
    public static func fromEnvironment(
        baseURL: String? = nil, token: String? = nil, offline: Bool = false, version: String = "0.1.0",
        certificateFallbacks: [String] = []
    ) throws(ShelfError) -> CivitaiConfiguration {
        try CivitaiConfiguration(
            baseURL: baseURL ?? Environment.value("CIVITAI_BASE_URL") ?? publicOrigin,
            token: try secret(token), offline: OfflineSwitch.active(option: offline),
            allowsHTTP: Environment.flag("MODELSHELF_ALLOW_HTTP"), version: version,
            certificateFallbacks: certificateFallbacks)
    }

    /// The address that the environment names, if it names a usable one.
    static var environmentBase: HTTPURL? {
        Environment.value("CIVITAI_BASE_URL").flatMap { try? base($0, allowsHTTP: true) }
    }

    /// Where the pages are that people are shown: the configured site if it is one of Civitai's, else the public one.
    public var pageOrigin: String {
        CivitaiReference.isPageHost(base.origin.host) ? base.origin.description : Self.publicOrigin
    }

    private static func secret(_ given: String?) throws(ShelfError) -> Secret? {
        let names = ["CIVITAI_TOKEN", "CIVITAI_API_KEY"]
        guard let text = given ?? names.lazy.compactMap({ Environment.value($0) }).first,
            !text.allSatisfy(\.isWhitespace)
        else { return nil }
        guard let secret = Secret(text) else {
            throw ShelfError(
                .usage, "the API key holds characters that no API key has",
                hint: "copy it again from https://civitai.com/user/account into CIVITAI_TOKEN")
        }
        return secret
    }

    private static func base(_ text: String, allowsHTTP: Bool) throws(ShelfError) -> HTTPURL {
        let hint = "use an address like https://civitai.com or http://127.0.0.1:8000"
        let trimmed = text.unicodeScalars.filter { $0.value > 0x20 }
        guard let url = HTTPURL(String(String.UnicodeScalarView(trimmed))), !url.target.contains("?") else {
            throw ShelfError(.usage, "CIVITAI_BASE_URL is not an address: \(Redaction.text(text))", hint: hint)
        }
        guard url.origin.isSecure || url.origin.isLoopback || allowsHTTP else {
            throw ShelfError(
                .usage, "CIVITAI_BASE_URL is not secure: \(url)",
                hint: "use https://, or set MODELSHELF_ALLOW_HTTP=1 if you trust every machine on the way")
        }
        // People paste the address with the API's path.
        var path = url.target[...]
        while path.hasSuffix("/") { path = path.dropLast() }
        for tail in ["/api/v1", "/api"] where path.hasSuffix(tail) {
            path = path.dropLast(tail.utf8.count)
            break
        }
        return HTTPURL(origin: url.origin, target: String(path))
    }
}
