public import ShelfBase

/// A picture as it came.
public struct FetchedPicture: Sendable {
    public let bytes: [UInt8]
    public let kind: PictureKind
    /// The address that it came from, without secrets.
    public let url: String
}

/// Fetches pictures. No key is ever sent: the image service wants none.
public struct PictureFetcher: Sendable {
    /// A preview is some ten thousand bytes; anything near this is no preview.
    public static let maximumBytes: Int64 = 32 << 20
    private static let attempts = 4

    private let transport: HTTPTransport
    private let base: HTTPURL.Origin
    private let retry = RetryPolicy()

    public init(client: CivitaiClient) {
        transport = client.sender.transport
        base = client.configuration.base.origin
    }

    /// A picture, or the still of a video, about so many pixels wide.
    public func fetch(
        _ image: CivitaiImage, width: Int = EdgeAddress.previewWidth, cancellation: Cancellation = Cancellation()
    ) throws(ShelfError) -> FetchedPicture {
        guard let url = HTTPURL(image.url) else { throw ShelfError(.badResponse, "the picture has no address") }
        let isVideo = image.type == "video"
        guard let edge = EdgeAddress(url) else {
            guard !isVideo else {
                throw ShelfError(.unsupportedFormat, "the video is kept elsewhere and has no still")
            }
            return try fetch(url, cancellation)
        }
        return try fetch(isVideo ? edge.still(width: width) : edge.picture(width: width), cancellation)
    }

    /// Whatever picture is at an address.
    public func fetch(_ url: HTTPURL, _ cancellation: Cancellation) throws(ShelfError) -> FetchedPicture {
        let source = DownloadSource(.mirror, url, base: base)
        guard source.allowsItself else { throw DownloadErrors.insecure(url.origin, from: base.host) }
        var current = url
        var hops = 0
        var attempt = 1
        while true {
            try cancellation.check()
            let error: ShelfError
            switch try exchange(current, cancellation) {
            case .success(let response) where Redirects.isRedirect(response.status):
                guard let target = response.header("location").flatMap(current.resolving), hops < Redirects.maximumHops
                else { throw ServiceErrors.status(response.status, .empty, host: current.origin.host) }
                guard source.allows(target.origin) else {
                    throw DownloadErrors.insecure(target.origin, from: current.origin.host)
                }
                current = target
                hops += 1
                continue
            case .success(let response) where response.status == 200:
                return try picture(response, url)
            case .success(let response):
                error = ServiceErrors.status(response.status, .empty, host: current.origin.host)
                guard response.status >= 500 || [408, 425, 429].contains(response.status) else { throw error }
            case .failure(let failure):
                error = ServiceErrors.transport(failure, host: current.origin.host)
                guard ![.tooLarge, .certificate, .certificateFile, .cancelled].contains(failure.kind) else {
                    throw error
                }
            }
            guard attempt < Self.attempts else { throw error }
            let end = Clock.monotonicNanoseconds() + retry.pause(afterAttempt: attempt, jitter: 0.5) * 1_000_000
            while Clock.monotonicNanoseconds() < end {
                try cancellation.check()
                Clock.sleep(milliseconds: 20)
            }
            attempt += 1
        }
    }

    private func exchange(
        _ url: HTTPURL, _ cancellation: Cancellation
    ) throws(ShelfError) -> Result<HTTPResponse, TransportFailure> {
        var request = HTTPRequest(.get, url, headers: [("Accept", "image/*")])
        request.limits.responseBytes = Self.maximumBytes
        request.acceptsCompression = false
        let answers = Mailbox<Result<HTTPResponse, TransportFailure>>()
        let ticket = try transport.begin(request) { answers.post($0) }
        while true {
            if let answer = answers.receive(milliseconds: 100) { return answer }
            if cancellation.isCancelled {
                transport.cancel(ticket)
                throw ShelfError(.cancelled, "cancelled")
            }
        }
    }

    private func picture(_ response: HTTPResponse, _ url: HTTPURL) throws(ShelfError) -> FetchedPicture {
        guard let kind = PictureKind.sniff(response.body) else {
            throw ShelfError(
                .badResponse, "\(url.origin.host) sent something that is no picture",
                hint: "a proxy or a login page may stand in between")
        }
        guard !kind.isVideo else {
            throw ShelfError(.unsupportedFormat, "\(url.origin.host) sent a video in place of a still")
        }
        return FetchedPicture(bytes: response.body, kind: kind, url: url.description)
    }
}
