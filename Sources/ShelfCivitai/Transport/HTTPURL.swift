internal import ShelfBase

/// An absolute `http` or `https` address, taken apart once and checked, so that "the same origin" is a comparison
/// and not a guess about text.
///
/// Addresses with user names, control characters, backslashes or a host that is not plain ASCII are refused: each has
/// been used to make a foreign host look like a trusted one.
public struct HTTPURL: Sendable, Hashable, CustomStringConvertible {
    /// Scheme, host and port: what a token is bound to.
    public struct Origin: Sendable, Hashable, CustomStringConvertible {
        public let isSecure: Bool
        /// Lower case; an IPv6 address stands in brackets.
        public let host: String
        public let port: Int

        public var description: String {
            let usual = isSecure ? 443 : 80
            return (isSecure ? "https://" : "http://") + host + (port == usual ? "" : ":\(port)")
        }

        /// Whether the host names this machine, by name or by literal address; no name is resolved.
        public var isLoopback: Bool {
            if host == "localhost" || host == "[::1]" { return true }
            let parts = host.split(separator: ".", omittingEmptySubsequences: false)
            return parts.count == 4 && parts.first == "127" && parts.allSatisfy { UInt8($0) != nil }
        }

        /// Whether the host could be one on the internet. Names count as such; of literal addresses only IPv4 in its
        /// usual form and outside the ranges for private use, because `127.1` and `2130706433` are loopback too.
        public var isPublic: Bool {
            guard !isLoopback, !host.hasPrefix("["), !host.hasSuffix(".localhost") else { return false }
            let parts = host.split(separator: ".")
            let last = parts.last ?? ""
            guard last.utf8.first.map({ (0x30...0x39).contains($0) }) == true else { return true }
            let numbers = parts.compactMap { UInt8($0) }
            guard numbers.count == 4, parts.count == 4 else { return false }
            return switch (numbers[0], numbers[1]) {
            case (0, _), (10, _), (127, _), (169, 254), (172, 16...31), (192, 168), (224...255, _): false
            default: true
            }
        }
    }

    public let origin: Origin
    /// Path and query, starting with `/`, in ASCII. Never a fragment.
    public let target: String

    public init(origin: Origin, target: String) {
        self.origin = origin
        self.target = Self.encoded(target.hasPrefix("/") ? target : "/" + target)
    }

    /// Nil when the text is not such an address.
    public init?(_ text: String) {
        let bytes = Array(text.utf8)
        guard bytes.count <= 16_384, !bytes.contains(where: { $0 < 0x21 || $0 == 0x7f || $0 == UInt8(ascii: "\\") })
        else { return nil }
        guard let split = Self.split(text) else { return nil }
        let isSecure: Bool
        switch split.scheme {
        case "https": isSecure = true
        case "http": isSecure = false
        default: return nil
        }
        guard let (host, port) = Self.hostAndPort(split.authority) else { return nil }
        origin = Origin(isSecure: isSecure, host: host, port: port ?? (isSecure ? 443 : 80))
        target = Self.encoded(split.rest.hasPrefix("/") ? split.rest : "/" + split.rest)
    }

    /// The address as it is sent. It may hold a secret that somebody put in the query: print ``description``.
    public var text: String { origin.description + target }

    /// The address for people and logs: secrets in the query are struck out.
    public var description: String { Redaction.text(text) }

    /// The path without the query.
    public var path: String { String(target.prefix { $0 != "?" }) }

    /// Where a `Location` header leads, seen from here; nil when that is not an `http` or `https` address.
    public func resolving(_ location: String) -> HTTPURL? {
        let text = location.prefix { $0 != "#" }
        guard !text.isEmpty, !text.utf8.contains(where: { $0 < 0x20 || $0 == 0x7f || $0 == UInt8(ascii: "\\") })
        else { return nil }
        if text.hasPrefix("//") { return Self.careless((origin.isSecure ? "https:" : "http:") + text) }
        if text.hasPrefix("/") { return HTTPURL(origin: origin, target: String(text)) }
        if text.hasPrefix("?") { return HTTPURL(origin: origin, target: path + String(text)) }
        let scheme = text.prefix { $0 != ":" && $0 != "/" && $0 != "?" }
        if scheme.count < text.count, text.dropFirst(scheme.count).first == ":" { return Self.careless(String(text)) }
        let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? "/"
        return HTTPURL(origin: origin, target: folder + String(text))
    }

    /// An address whose path or query holds blanks, as storages write them that put a file's name there as it is.
    private static func careless(_ text: String) -> HTTPURL? {
        guard let parts = split(text) else { return nil }
        let rest = parts.rest.split(separator: " ", omittingEmptySubsequences: false).joined(separator: "%20")
        return HTTPURL("\(parts.scheme)://\(parts.authority)\(rest)")
    }

    private static func split(_ text: String) -> (scheme: String, authority: Substring, rest: String)? {
        guard let colon = text.firstIndex(of: ":") else { return nil }
        let after = text[text.index(after: colon)...]
        guard after.hasPrefix("//") else { return nil }
        let body = after.dropFirst(2).prefix { $0 != "#" }
        let authority = body.prefix { $0 != "/" && $0 != "?" }
        return (text[..<colon].lowercased(), authority, String(body.dropFirst(authority.count)))
    }

    private static func hostAndPort(_ authority: Substring) -> (host: String, port: Int?)? {
        var host = authority.lowercased()[...]
        var port: Int?
        if let colon = host.lastIndex(of: ":"), !host[colon...].contains("]") {
            let digits = host[host.index(after: colon)...]
            guard !digits.isEmpty, digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = UInt16(digits),
                number > 0
            else { return nil }
            port = Int(number)
            host = host[..<colon]
        }
        let isAddress = host.hasPrefix("[") && host.hasSuffix("]")
        let name = isAddress ? host.dropFirst().dropLast() : host
        guard !name.isEmpty, name.utf8.count <= 253 else { return nil }
        let isPlain = name.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."): true
            case UInt8(ascii: "-"), UInt8(ascii: "_"): !isAddress
            case UInt8(ascii: ":"): isAddress
            default: false
            }
        }
        return isPlain ? (String(host), port) : nil
    }

    /// Percent-encodes what may not stand in a request line; what is encoded already stays.
    private static func encoded(_ target: String) -> String {
        var bytes: [UInt8] = []
        for byte in target.utf8 {
            switch byte {
            case 0x21, 0x23...0x3b, 0x3d, 0x3f...0x5b, 0x5d, 0x5f, 0x61...0x7a, 0x7e: bytes.append(byte)
            default: bytes += "%\(Hex.encode([byte], uppercase: true))".utf8
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Percent-encodes a text so that it can stand as one part of a path or as a value in a query.
    public static func encodedComponent(_ text: some StringProtocol) -> String {
        var bytes: [UInt8] = []
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"):
                bytes.append(byte)
            default: bytes += "%\(Hex.encode([byte], uppercase: true))".utf8
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
