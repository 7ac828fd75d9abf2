internal import ShelfBase

/// Decides the next step of a download. It does nothing itself: answers, failures and byte counts come in, actions go
/// out; waiting and writing are the shell's.
///
/// Bytes are kept across everything that can be survived: a broken connection, a signed address that ran out, another
/// storage behind the next one. With a published digest the bytes prove themselves at the end, so a resumption needs
/// nothing but the same total; without one the entity tag must be the same.
struct DownloadMachine {
    enum Action {
        case send(HTTPRequest)
        /// Then ``resume()``.
        case wait(milliseconds: Int64, because: ShelfError)
        /// The body that comes is the file from this byte on; what was there beyond it is dropped.
        case take(from: Int64)
        /// All bytes are there.
        case verify
        case finish(isVerified: Bool)
        /// The bytes are not what was promised, twice.
        case quarantine
        case fail(ShelfError)
    }

    static let maximumHops = 10
    /// Tries in a row that bring nothing new.
    static let maximumFailures = 6
    static let maximumUnreachable = 4
    private static let maximumRetryAfter: Int64 = 120_000

    private let plan: DownloadPlan
    private var retry = RetryPolicy()
    private(set) var expected: String?
    private(set) var have: Int64
    private(set) var total: Int64?
    private(set) var tag: String?
    /// The name that the last answer gave the file.
    private(set) var servedName: String?
    /// Whether the place that the file comes from gives parts of it.
    private(set) var givesRanges = false
    /// Not nil: the file is fetched piece by piece, and these parts of it are there already.
    var pieces: [Range<Int64>]?
    /// Asking for a piece gave an answer that a whole file has to be asked for.
    private(set) var piecesLeadNowhere = false
    private var sourceIndex = 0
    private var current: HTTPURL
    private var hops = 0
    /// The signed address that the file comes from.
    private var storage: HTTPURL?
    private var best: Int64
    private var failures = 0
    private var refusals = 0
    private var mismatches = 0
    private var didAskTwice = false
    private var firstError: ShelfError?

    /// - Parameter state: of an earlier run, with `have` of its bytes.
    init?(_ plan: DownloadPlan, state: DownloadState? = nil, have: Int64 = 0) {
        guard let first = plan.sources.first else { return nil }
        self.plan = plan
        current = first.url
        expected = plan.sha256 ?? state?.sha256
        self.have = have
        best = have
        total = state?.total
        tag = state?.tag
        retry.maximumPause = 8_000
        if expected == nil, tag == nil { self.have = 0 }
    }

    var source: DownloadSource { plan.sources[min(sourceIndex, plan.sources.count - 1)] }
    /// What the file is to be called; nil when nobody says.
    var name: String? { SafeFileName.chosen(served: servedName, record: plan.name) }
    private var isAtStorage: Bool { current.origin != source.url.origin }
    private var host: String { current.origin.host }

    mutating func start() -> Action {
        if let total, have == total, total > 0, expected != nil { return .verify }
        return next()
    }

    mutating func resume() -> Action { next() }

    // MARK: Answers

    mutating func answered(_ head: DownloadHead) -> Action {
        if Redirects.isRedirect(head.status) { return redirected(head) }
        switch head.status {
        case 200: return whole(head)
        case 206: return part(head)
        case 416: return beyond(head)
        case 408, 425, 500, 502, 503, 504, 520...530:
            return again(ServiceErrors.status(head.status, .empty, host: host), asked: head.retryAfter)
        case 429 where head.retryAfter != nil:
            return again(DownloadErrors.refusal(head, source, host: host), asked: head.retryAfter)
        default: break
        }
        if storage != nil || isAtStorage { return expired(head) }
        if head.status == 404, head.isPrivate, !didAskTwice {
            // Which storage has the file could not be found out just now.
            didAskTwice = true
            return .wait(milliseconds: 500, because: DownloadErrors.refusal(head, source, host: host))
        }
        return nextSource(DownloadErrors.refusal(head, source, host: host))
    }

    /// The exchange broke, with `have` bytes there.
    mutating func interrupted(_ failure: TransportFailure, have: Int64) -> Action {
        note(have)
        let error = ServiceErrors.transport(failure, host: host)
        switch failure.kind {
        case .cancelled: return .fail(error)
        case .certificate, .certificateFile, .tooLarge: return nextSource(error)
        case .resolve, .connect, .connectTimeout, .proxy:
            return again(error, asked: nil, limit: Self.maximumUnreachable)
        default: return again(error, asked: nil)
        }
    }

    /// The body ended as announced, with `have` bytes there.
    mutating func ended(have: Int64) -> Action {
        note(have)
        if let total, have < total { return interrupted(TransportFailure(.truncated), have: have) }
        if let total, have > total { return startOver("more bytes came than were announced") }
        return .verify
    }

    /// What the digest of all bytes said; nil when there is nothing to compare it with.
    mutating func verified(_ matches: Bool?) -> Action {
        guard let matches else { return .finish(isVerified: false) }
        guard !matches else { return .finish(isVerified: true) }
        mismatches += 1
        have = 0
        best = 0
        if pieces != nil { pieces = [] }
        storage = nil
        total = nil
        failures = 0
        if mismatches == 1 { return next() }
        sourceIndex += 1
        return sourceIndex < plan.sources.count ? next() : .quarantine
    }

    /// Without a digest to tell: all bytes came and cannot be the file. Nothing of them is kept.
    mutating func unusable(_ what: String) -> Action {
        let error = DownloadErrors.unusable(what, host: host)
        drop()
        storage = nil
        return again(error, asked: nil, limit: 3)
    }

    // MARK: Kinds of answers

    private mutating func redirected(_ head: DownloadHead) -> Action {
        guard let location = head.location, let target = current.resolving(location) else {
            return nextSource(ServiceErrors.status(head.status, .empty, host: host))
        }
        guard hops < Self.maximumHops else {
            return nextSource(ShelfError(.badResponse, "\(host) redirects in circles", hint: "try again later"))
        }
        guard source.allows(target.origin) else {
            return nextSource(DownloadErrors.insecure(target.origin, from: host))
        }
        if target.origin.host == "auth.civitai.com" || target.path == "/login" || target.path.hasPrefix("/login/") {
            return nextSource(DownloadErrors.login(source))
        }
        if let linked = head.linkedDigest {
            // Another file stands there now than the one that the bytes are of.
            if let expected, expected != linked, plan.sha256 == nil { drop() }
            if plan.sha256 == nil { expected = linked }
        }
        hops += 1
        current = target
        servedName = ContentDisposition.name(inQueryOf: target) ?? servedName
        return .send(request())
    }

    private mutating func whole(_ head: DownloadHead) -> Action {
        if let error = rejection(head) { return again(error, asked: nil, limit: 3) }
        settle(head)
        drop()
        total = head.length
        tag = head.strongTag
        return .take(from: 0)
    }

    private mutating func part(_ head: DownloadHead) -> Action {
        if let error = rejection(head) { return again(error, asked: nil, limit: 3) }
        guard let range = head.range, range.start == have else {
            return startOver("another one came")
        }
        if let total, let other = range.total, total != other {
            return startOver("the file has another size now")
        }
        settle(head)
        total = range.total ?? total
        tag = tag ?? head.strongTag
        if pieces != nil, total == nil {
            // Where the file ends is not to be learnt from a piece.
            pieces = nil
            piecesLeadNowhere = true
            return startOver("the size of the file is not told")
        }
        return .take(from: have)
    }

    private mutating func beyond(_ head: DownloadHead) -> Action {
        if have == 0, pieces != nil {
            // Not even the first piece is there: an empty file, or a server that counts otherwise.
            pieces = nil
            piecesLeadNowhere = true
            return next()
        }
        if have > 0, head.wholeSize == have, total == nil || total == have {
            total = have
            return .verify
        }
        return startOver("it says there is none")
    }

    /// A refusal of the storage: the address has run out. A new one is asked for.
    private mutating func expired(_ head: DownloadHead) -> Action {
        storage = nil
        refusals += 1
        guard refusals <= 3 else { return nextSource(ServiceErrors.status(head.status, .empty, host: host)) }
        return refusals == 1 ? next() : .wait(milliseconds: 500, because: ServiceErrors.status(403, .empty, host: host))
    }

    private func rejection(_ head: DownloadHead) -> ShelfError? {
        if let encoding = head.encoding { return DownloadErrors.packed(encoding, host: host) }
        // The opening of the file has been seen.
        guard have == 0 || head.status == 200 else { return nil }
        return head.impostor(named: name).map { DownloadErrors.impostor($0, host: host) }
    }

    // MARK: Steps

    /// Remembers where the file comes from and what it is called.
    private mutating func settle(_ head: DownloadHead) {
        if hops > 0 { storage = current }
        givesRanges = head.acceptsRanges
        servedName = ContentDisposition.name(head.disposition) ?? servedName
        if let linked = head.linkedDigest, expected == nil { expected = linked }
    }

    private mutating func note(_ have: Int64) {
        self.have = have
        guard have > best else { return }
        best = have
        failures = 0
        refusals = 0
    }

    private mutating func drop() {
        if pieces != nil { pieces = [] }
        have = 0
        total = nil
        tag = nil
    }

    private mutating func next() -> Action {
        if let storage {
            current = storage
        } else {
            current = source.url
            hops = 0
        }
        return .send(request())
    }

    /// A request for a part of the file, from where it comes.
    func request(for range: Range<Int64>) -> HTTPRequest {
        var request = HTTPRequest(.get, current, headers: [("Accept", "*/*")], limits: .file)
        request.acceptsCompression = false
        if current.origin == source.url.origin { request.token = source.token }
        request.headers.append(("Range", "bytes=\(range.lowerBound)-\(range.upperBound - 1)"))
        if expected == nil, let tag { request.headers.append(("If-Range", tag)) }
        return request
    }

    private func request() -> HTTPRequest {
        var request = HTTPRequest(.get, current, headers: [("Accept", "*/*")], limits: .file)
        request.acceptsCompression = false
        if current.origin == source.url.origin { request.token = source.token }
        if have > 0 || pieces != nil {
            let end = pieces.map { ParallelFetch.end(of: have, total: total ?? .max, $0) }
            request.headers.append(("Range", "bytes=\(have)-\(end.map { "\($0 - 1)" } ?? "")"))
            if expected == nil, let tag { request.headers.append(("If-Range", tag)) }
        }
        return request
    }

    /// Everything so far is of no use.
    private mutating func startOver(_ what: String) -> Action {
        drop()
        return again(DownloadErrors.otherPart(what, host: host), asked: nil)
    }

    /// Tries again after a pause, unless that has brought nothing for too long.
    private mutating func again(_ error: ShelfError, asked: Int64?, limit: Int = Self.maximumFailures) -> Action {
        failures += 1
        guard failures < limit else { return nextSource(error) }
        // The address may be the reason; a new one may lead to another storage.
        if failures >= 3 { storage = nil }
        let pause = retry.pause(afterAttempt: failures, jitter: Double(failures % 3) / 2)
        guard let asked else { return .wait(milliseconds: pause, because: error) }
        guard asked <= Self.maximumRetryAfter else { return nextSource(error) }
        return .wait(milliseconds: max(asked, pause), because: error)
    }

    /// The next place; with none left, the error that the first one gave.
    private mutating func nextSource(_ error: ShelfError) -> Action {
        firstError = firstError ?? error
        storage = nil
        failures = 0
        refusals = 0
        didAskTwice = false
        // Copies of strangers are worth nothing without a digest to know them by.
        while sourceIndex + 1 < plan.sources.count {
            sourceIndex += 1
            switch source.kind {
            case .mirror: if expected != nil { return next() }
            // The service's other address of the same file helps where the first one led nowhere, and not with a refusal.
            case .civitai, .huggingFace: if error.code == .notFound { return next() }
            }
        }
        return .fail(firstError ?? error)
    }
}
