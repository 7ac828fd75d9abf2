internal import ShelfBase

/// Failures of the service and of the way to it, in words that a user can act on.
enum ServiceErrors {
    static func transport(_ failure: TransportFailure, host: String) -> ShelfError {
        let detail = failure.detail.isEmpty ? "" : ": \(failure.detail)"
        return switch failure.kind {
        case .resolve:
            ShelfError(
                .network, "the address of \(host) cannot be found",
                hint: "check the internet connection and the name server")
        case .connect:
            ShelfError(
                .network, "\(host) takes no connection",
                hint: "check the internet connection, HTTPS_PROXY and CIVITAI_BASE_URL")
        case .connectTimeout:
            ShelfError(
                .network, "\(host) does not answer a connection",
                hint: "check the internet connection, a firewall or HTTPS_PROXY")
        case .timeout: ShelfError(.timeout, "\(host) did not answer in time", hint: "try again later")
        case .stalled: ShelfError(.timeout, "the answer of \(host) came to a stand", hint: "try again later")
        case .reset: ShelfError(.network, "the connection to \(host) broke\(detail)", hint: "try again later")
        case .truncated: ShelfError(.badResponse, "the answer of \(host) was cut short", hint: "try again later")
        case .malformed:
            ShelfError(
                .badResponse, "\(host) does not speak HTTP\(detail)", hint: "check CIVITAI_BASE_URL and HTTPS_PROXY")
        case .tls:
            ShelfError(
                .network, "no secure connection to \(host)\(detail)", hint: "check HTTPS_PROXY and CIVITAI_BASE_URL")
        case .certificate:
            ShelfError(
                .network, "the certificate of \(host) is not trusted\(detail)",
                hint: "check the clock; behind a company's proxy set SSL_CERT_FILE to its certificate file")
        case .certificateFile:
            ShelfError(
                .network, "secure connections are not possible\(detail)",
                hint: "install the package ca-certificates, or set SSL_CERT_FILE to a file of trusted certificates")
        case .proxy: ShelfError(.network, "the proxy cannot be used\(detail)", hint: "check HTTPS_PROXY")
        case .tooLarge: ShelfError(.tooLarge, "the answer of \(host) is larger than allowed\(detail)")
        case .cancelled: ShelfError(.cancelled, "cancelled")
        case .other: ShelfError(.network, "the request to \(host) failed\(detail)", hint: "try again later")
        }
    }

    /// The error of an answer that is final: every status that is not a success.
    static func status(_ status: Int, _ body: AnswerBody, host: String) -> ShelfError {
        let words = body.serviceMessage.map { ": \($0)" } ?? ""
        switch status {
        case 401:
            return ShelfError(
                .unauthorized, "\(host) wants a valid API key\(words)",
                hint: "set CIVITAI_TOKEN to a key made at https://civitai.com/user/account")
        case 403: return forbidden(body, words, host)
        case 404: return ShelfError(.notFound, "\(host) does not have it\(words)")
        case 410: return ShelfError(.gone, "\(host) does not have it any more\(words)")
        case 429:
            return ShelfError(
                .rateLimited, "\(host) asks for fewer requests\(words)", hint: "wait some minutes and run it again")
        case 451:
            return ShelfError(
                .regionBlocked, "\(host) does not serve this country\(words)",
                hint: "what is stored stays usable; --no-lookup skips the service")
        case 300..<400:
            return ShelfError(
                .badResponse, "\(host) redirects without a usable address", hint: "check CIVITAI_BASE_URL")
        case 500...:
            return ShelfError(.serverError, "\(host) failed (\(status))\(words)", hint: "try again later")
        default: return ShelfError(.badResponse, "\(host) refused the request (\(status))\(words)")
        }
    }

    private static func forbidden(_ body: AnswerBody, _ words: String, _ host: String) -> ShelfError {
        guard case .json(let value) = body else {
            return ShelfError(
                .forbidden, "\(host) refuses requests from here\(words)",
                hint: "its protection against robots stepped in: wait a while, try another network, "
                    + "or set CIVITAI_BASE_URL to a sister site")
        }
        if value["error"]?.string?.lowercased() == "early access" {
            let until = value["deadline"]?.string.map { " until \($0.prefix(40))" } ?? ""
            return ShelfError(
                .earlyAccess, "the version is in early access\(until)", hint: "buy access on the site or wait")
        }
        return ShelfError(.forbidden, "\(host) refuses this account or address\(words)")
    }

    /// A success whose body is not what was asked for.
    static func undecodable(_ body: AnswerBody, status: Int, host: String) -> ShelfError {
        let what =
            switch body {
            case .html: "a web page"
            case .empty: "nothing"
            case .other: "a text that is not JSON"
            case .json: "JSON of another kind"
            }
        return ShelfError(
            .badResponse, "\(host) sent \(what) in place of an answer (\(status))",
            hint: "a proxy or a login page may stand in between; check CIVITAI_BASE_URL and HTTPS_PROXY")
    }
}
