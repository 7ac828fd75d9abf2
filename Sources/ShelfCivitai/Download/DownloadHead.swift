internal import ShelfBase

/// What a download needs to know of an answer before its body is taken.
struct DownloadHead: Sendable {
    var status: Int
    var location: String?
    var contentType: String?
    /// A validator that stands for these very bytes.
    var strongTag: String?
    var length: Int64?
    /// How the bytes are packed on the way; nil when they come as they are.
    var encoding: String?
    var range: (start: Int64, total: Int64?)?
    /// `bytes */N` of a 416.
    var wholeSize: Int64?
    /// Milliseconds that the server asks to wait.
    var retryAfter: Int64?
    var isPrivate = false
    var acceptsRanges = false
    var disposition: String?
    /// The digest that Hugging Face names for a large file.
    var linkedDigest: String?
    /// Hugging Face's words for a refusal.
    var problem: String?
    /// The first bytes of a body that could be the file; of another answer, all of it.
    var start: [UInt8] = []

    init(status: Int) { self.status = status }

    /// - Parameter wallNow: milliseconds since 1970.
    init(_ response: HTTPResponse, wallNow: Int64) {
        status = response.status
        location = response.header("location")
        contentType = response.header("content-type")?.lowercased()
        encoding = response.header("content-encoding")?.lowercased()
        if encoding == "identity" || encoding == "" { encoding = nil }
        strongTag = response.header("etag").flatMap { $0.hasPrefix("\"") && $0.utf8.count <= 256 ? $0 : nil }
        length = response.header("content-length").flatMap { Int64($0) }.flatMap { $0 >= 0 ? $0 : nil }
        if let header = response.header("content-range") { (range, wholeSize) = Self.contentRange(header) }
        retryAfter = RetryAfter.milliseconds(response.header("retry-after"), wallNow: wallNow)
        isPrivate = response.header("cache-control")?.lowercased().contains("private") ?? false
        acceptsRanges = status == 206 || response.header("accept-ranges")?.lowercased() == "bytes"
        disposition = response.header("content-disposition")
        let tag = (response.header("x-linked-etag") ?? "").filter { $0 != "\"" }
        if tag.utf8.count == 64, Hex.isHex(tag) { linkedDigest = tag.lowercased() }
        problem = response.header("x-error-message")
    }

    private static func contentRange(_ text: String) -> ((start: Int64, total: Int64?)?, Int64?) {
        let lower = text.lowercased()
        guard lower.hasPrefix("bytes") else { return (nil, nil) }
        let parts = lower.dropFirst(5).filter { !$0.isWhitespace && $0 != "=" }.split(separator: "/")
        guard parts.count == 2 else { return (nil, nil) }
        let total = Int64(parts[1]).flatMap { $0 >= 0 ? $0 : nil }
        if parts[0] == "*" { return (nil, total) }
        guard let start = parts[0].split(separator: "-").first.flatMap({ Int64($0) }), start >= 0 else {
            return (nil, nil)
        }
        return ((start, total), nil)
    }

    /// What stands in place of the file, if the first bytes or the type say that it is not one.
    ///
    /// A model begins with a length or a magic number; bytes that are all printable and open like a page or like JSON
    /// are words of a server, unless the file is meant to be such.
    func impostor(named name: String?) -> Impostor? {
        let isText = start.prefix(256).allSatisfy { $0 >= 0x20 || (0x09...0x0d).contains($0) }
        let first = start.drop { $0 <= 0x20 || $0 == 0xef || $0 == 0xbb || $0 == 0xbf }.first
        let ending = name.map { FilePath($0).pathExtension } ?? ""
        if isText, first == UInt8(ascii: "<"), !["html", "htm", "xml", "svg"].contains(ending) { return .page }
        if contentType?.hasPrefix("text/html") == true, !["html", "htm"].contains(ending) { return .page }
        let isJSONFile = ["json", "jsonl", "txt", "yaml", "yml"].contains(ending)
        if isText, !isJSONFile, first == UInt8(ascii: "{") || first == UInt8(ascii: "[") { return .document }
        if start.starts(with: "version https://git-lfs.".utf8), name.map(SafeFileName.isModel) ?? false {
            return .pointer
        }
        return nil
    }

    /// The raw values are for people.
    enum Impostor: String, Sendable {
        case page = "a web page"
        case document = "a JSON document"
        /// What Git leaves in place of a file that it keeps elsewhere.
        case pointer = "a Git LFS pointer"
    }
}
