public import ShelfBase

/// A file on Hugging Face, named by an address of its page (`/blob/`) or of the file itself (`/resolve/`).
public struct HuggingFaceFile: Sendable, Equatable {
    /// The origin that is asked: `HF_ENDPOINT`, else the public one.
    public let endpoint: HTTPURL
    /// `org/name`, with `datasets/` or `spaces/` in front where it is such a repository.
    public let repository: String
    public let revision: String
    /// Below the repository.
    public let path: String

    private static let hosts: Set<String> = ["huggingface.co", "www.huggingface.co", "hf.co", "www.hf.co"]

    /// Whether the text is an address of Hugging Face, of whatever on it.
    public static func isAddress(_ text: String) -> Bool { parts(text) != nil }

    /// Nil when the text is no address of a file there.
    public init?(_ text: String) {
        guard let (endpoint, path) = Self.parts(text) else { return nil }
        var parts = path.split(separator: "/").map { PercentText.decoded($0) }
        var kind = ""
        if let first = parts.first, ["datasets", "spaces", "models"].contains(first), parts.count > 1 {
            if first != "models" { kind = first + "/" }
            parts.removeFirst()
        }
        guard let verb = parts.firstIndex(where: { ["blob", "resolve", "raw"].contains($0) }), (1...2).contains(verb),
            parts.count > verb + 2, !parts.contains(where: { $0 == ".." || $0 == "." })
        else { return nil }
        self.endpoint = endpoint
        repository = kind + parts[..<verb].joined(separator: "/")
        revision = parts[verb + 1]
        self.path = parts[(verb + 2)...].joined(separator: "/")
    }

    /// Where the file is had from.
    public var url: HTTPURL {
        let base = endpoint.target == "/" ? "" : endpoint.target
        let components = (repository + "/resolve").split(separator: "/") + [Substring(revision)]
        let target = (components + path.split(separator: "/")).map { HTTPURL.encodedComponent($0) }
        return HTTPURL(origin: endpoint.origin, target: base + "/" + target.joined(separator: "/"))
    }

    /// The plan of its download. The digest of a large file comes with the answer; a small one has none.
    ///
    /// - Parameter key: sent to Hugging Face only; `HF_TOKEN` when nil.
    public func plan(key: String? = nil) throws(ShelfError) -> DownloadPlan {
        let token = (key ?? Environment.value("HF_TOKEN")).flatMap { Secret($0) }
        if key != nil, token == nil {
            throw ShelfError(
                .usage, "the key for Hugging Face has signs that no key has", hint: "check how it was given")
        }
        let source = DownloadSource(.huggingFace, url, token: token, base: endpoint.origin)
        let name = path.split(separator: "/").last.map(String.init)
        return DownloadPlan(sources: [source], name: name, key: "huggingface:\(repository)@\(revision)/\(path)")
    }

    /// The endpoint to ask and the path on it. A pasted address of the public site is asked at the endpoint that is set.
    private static func parts(_ text: String) -> (HTTPURL, Substring)? {
        let setting = Environment.value("HF_ENDPOINT").flatMap {
            HTTPURL($0.hasSuffix("/") ? String($0.dropLast()) : $0)
        }
        let publicSite = HTTPURL("https://huggingface.co")
        let trimmed = String(CivitaiReference.trim(text[...])).filter { !$0.isWhitespace }
        guard let url = HTTPURL(trimmed.contains("://") ? trimmed : "https://" + trimmed) else { return nil }
        guard let endpoint = setting ?? publicSite else { return nil }
        // Plain HTTP is for this machine only, whoever set it.
        guard endpoint.origin.isSecure || endpoint.origin.isLoopback || Environment.flag("MODELSHELF_ALLOW_HTTP") else {
            return nil
        }
        if hosts.contains(url.origin.host) { return (endpoint, url.path[...]) }
        guard url.origin == endpoint.origin else { return nil }
        let base = endpoint.target == "/" ? "" : endpoint.target
        guard url.path.hasPrefix(base) else { return nil }
        return (endpoint, url.path.dropFirst(base.count))
    }
}
