public import ShelfBase

/// What is to be fetched: where it may be had from, and what it must turn out to be.
public struct DownloadPlan: Sendable {
    /// Places to ask, in this order. All give the same bytes; a mirror is believed only because the digest says so.
    public var sources: [DownloadSource]
    /// The published SHA-256 in lower case; nil when nobody published one, or when it is not to be checked.
    public var sha256: String?
    /// About how many bytes it has, as the service says.
    public var size: Int64?
    /// The name that the service's record gives the file; the download itself may give another.
    public var name: String?
    /// What an unfinished download is recognised by, such as `civitai:5/77`. Never an address: those hold secrets.
    public var key: String

    public init(
        sources: [DownloadSource], sha256: String? = nil, size: Int64? = nil, name: String? = nil, key: String
    ) {
        self.sources = sources
        self.sha256 = sha256.flatMap { $0.utf8.count == 64 && Hex.isHex($0) ? $0.lowercased() : nil }
        self.size = size
        self.name = name
        self.key = key
    }
}

/// One place that a file may be had from.
public struct DownloadSource: Sendable {
    public enum Kind: Sendable {
        case civitai
        case huggingFace
        /// Somebody else's copy, named by the file's record.
        case mirror
    }

    public let kind: Kind
    public let url: HTTPURL
    /// Sent to the origin of ``url`` and to no other.
    public let token: Secret?
    /// Whose word it is that plain HTTP or this machine may be asked: only if it is on loopback itself.
    public let base: HTTPURL.Origin

    public init(_ kind: Kind, _ url: HTTPURL, token: Secret? = nil, base: HTTPURL.Origin) {
        self.kind = kind
        self.url = url
        self.token = token
        self.base = base
    }

    /// Whether its own address may be asked: a record's list of copies is a stranger's word.
    public var allowsItself: Bool { allows(url.origin) }

    /// Whether a request may go to this origin.
    func allows(_ origin: HTTPURL.Origin) -> Bool {
        base.isLoopback || origin == base || (origin.isSecure && origin.isPublic)
    }
}

/// What became of a download.
public struct DownloadResult: Sendable {
    public var path: FilePath
    /// Bytes of the file.
    public var bytes: Int64
    /// Bytes that an earlier run had fetched.
    public var resumedFrom: Int64
    /// Lower case.
    public var sha256: String
    /// Whether the digest is the published one.
    public var isVerified: Bool
    /// Whether the file was there before, so that nothing was fetched.
    public var wasThere: Bool
    /// The file that the digest is of; nil when its bytes were not written by this run.
    public var identity: FileIdentity?
}

/// How far a download is. Delivered on the calling thread, about ten times a second.
public struct DownloadProgress: Sendable {
    public enum Phase: String, Sendable { case asking, downloading, waiting, verifying, done }

    public var phase = Phase.asking
    public var bytes: Int64 = 0
    /// Nil while unknown.
    public var total: Int64?
    /// The name that the file will have.
    public var name: FilePath?

    public init() {}
}
