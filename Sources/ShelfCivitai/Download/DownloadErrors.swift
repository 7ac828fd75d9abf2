internal import ShelfBase

/// Refusals of a download, in words that say what to do.
enum DownloadErrors {
    /// The error of an answer that is not the file and not a redirect.
    static func refusal(_ head: DownloadHead, _ source: DownloadSource, host: String) -> ShelfError {
        if source.kind == .huggingFace { return huggingFace(head, source, host: host) }
        let body = AnswerBody.read(HTTPResponse(status: head.status, body: head.start))
        var words = body.serviceMessage ?? ""
        // Here `error` is one word for all refusals, and `message` says which it is.
        if case .json(let json) = body, let message = json["message"]?.string {
            words = Redaction.text(String(message.prefix(300)))
        }
        switch head.status {
        case 401 where words.lowercased().contains("disabled"):
            return ShelfError(
                .unauthorized, "the creator has disabled downloads of this file",
                hint: "no key helps; ask the creator, or use the site's generator")
        case 401 where source.token == nil:
            return ShelfError(
                .unauthorized, "\(host) gives this file to people who are logged in only",
                hint: "set CIVITAI_TOKEN to a key made at https://civitai.com/user/account")
        case 401:
            return ShelfError(
                .unauthorized, "\(host) does not accept the API key",
                hint: "it may be mistyped or revoked; make a new one at https://civitai.com/user/account")
        case 404:
            return ShelfError(
                .notFound, "\(host) does not have this file",
                hint: "it may have been taken down, or a number may be mistyped")
        case 410:
            return ShelfError(
                .gone, "the model is archived and cannot be downloaded any more", hint: "another site may have a copy")
        case 429:
            return ShelfError(
                .rateLimited, "\(host) has given this account or address enough files for now",
                hint: words.isEmpty ? "wait a day and run it again; what is there is kept" : words)
        default: return ServiceErrors.status(head.status, body, host: host)
        }
    }

    private static func huggingFace(_ head: DownloadHead, _ source: DownloadSource, host: String) -> ShelfError {
        let words = head.problem.map { ": \(Redaction.text(String($0.prefix(200))))" } ?? ""
        switch head.status {
        case 401 where source.token == nil:
            return ShelfError(
                .unauthorized, "\(host) shows this repository to people who are logged in only, or has none\(words)",
                hint: "set HF_TOKEN to a key made at https://huggingface.co/settings/tokens")
        case 401:
            return ShelfError(
                .unauthorized, "\(host) does not accept the key\(words)",
                hint: "make a new one at https://huggingface.co/settings/tokens and set HF_TOKEN")
        case 403:
            return ShelfError(
                .forbidden, "\(host) refuses this account\(words)",
                hint: "accept the terms of the repository on its page, with the account of HF_TOKEN")
        case 404: return ShelfError(.notFound, "\(host) has no such file\(words)", hint: "check the address")
        case 429:
            return ShelfError(
                .rateLimited, "\(host) asks for fewer requests\(words)", hint: "wait some minutes, or set HF_TOKEN")
        default:
            let body = AnswerBody.read(HTTPResponse(status: head.status, body: head.start))
            return ServiceErrors.status(head.status, body, host: host)
        }
    }

    static func login(_ source: DownloadSource) -> ShelfError {
        source.token == nil
            ? ShelfError(
                .unauthorized, "\(source.url.origin.host) wants a login for this file",
                hint: "set CIVITAI_TOKEN to a key made at https://civitai.com/user/account")
            : ShelfError(
                .unauthorized, "\(source.url.origin.host) sends to its login page in spite of the API key",
                hint: "the key may be revoked; make a new one at https://civitai.com/user/account")
    }

    static func impostor(_ kind: DownloadHead.Impostor, host: String) -> ShelfError {
        ShelfError(
            .badResponse, "\(host) sent \(kind.rawValue) in place of the file",
            hint: "a proxy or a login page may stand in between; check HTTPS_PROXY and CIVITAI_TOKEN")
    }

    static func packed(_ encoding: String, host: String) -> ShelfError {
        ShelfError(
            .badResponse, "\(host) sent the file packed as \(Redaction.text(String(encoding.prefix(40)))), unasked",
            hint: "a proxy may stand in between; check HTTPS_PROXY")
    }

    /// What came says of itself that it is not whole, or not a model at all.
    static func unusable(_ what: String, host: String) -> ShelfError {
        ShelfError(
            .badResponse, "what \(host) sent cannot be the file: \(what)",
            hint: "try again later; nothing of it was kept")
    }

    static func otherPart(_ what: String, host: String) -> ShelfError {
        ShelfError(
            .badResponse, "\(host) does not give the part of the file that was asked for: \(what)",
            hint: "a proxy may stand in between; check HTTPS_PROXY, or try again later")
    }

    static func endless(_ size: Int64, host: String) -> ShelfError {
        ShelfError(
            .badResponse, "\(host) sends far more than the \(size) bytes that the file has",
            hint: "try again later; nothing of it was kept")
    }

    static func insecure(_ target: HTTPURL.Origin, from host: String) -> ShelfError {
        ShelfError(
            .badResponse, "\(host) redirects to \(target), which is not a secure address on the internet",
            hint: "check CIVITAI_BASE_URL and HTTPS_PROXY")
    }

    static func mismatch(expected: String, found: String) -> ShelfError {
        ShelfError(
            .hashMismatch, "the file's SHA-256 is \(found) and not \(expected) as published",
            hint: "it was fetched twice; it is kept with the ending .quarantined, do not load it")
    }
}
