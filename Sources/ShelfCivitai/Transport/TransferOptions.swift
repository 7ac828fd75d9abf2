internal import CCurl
internal import ShelfBase

/// What every exchange has in common.
struct TransferDefaults: Sendable {
    var userAgent: String
    var certificateFallbacks: [String]
}

extension Transfer {
    /// Makes the handle; on the network thread.
    func prepare(_ defaults: TransferDefaults) -> TransportFailure? {
        guard let easy = curl_easy_init() else { return TransportFailure(.other, "libcurl is out of memory") }
        self.easy = easy
        let context = Unmanaged.passUnretained(self).toOpaque()
        let options = Options(easy: easy)
        options.text(CURLOPT_URL, request.url.text)
        options.text(CURLOPT_PROTOCOLS_STR, request.url.origin.isSecure ? "https" : "http")
        options.text(CURLOPT_USERAGENT, defaults.userAgent)
        // Every compression that this libcurl can undo.
        if request.acceptsCompression { options.text(CURLOPT_ACCEPT_ENCODING, "") }
        if sink != nil { options.long(CURLOPT_BUFFERSIZE, 512 << 10) }
        options.long(CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_2TLS))
        // A burst of requests waits for the first connection instead of opening one each.
        options.long(CURLOPT_PIPEWAIT, 1)
        // The policy above decides where a token may go, so libcurl follows nothing.
        options.long(CURLOPT_FOLLOWLOCATION, 0)
        options.long(CURLOPT_NETRC, 0)
        // Timeouts without SIGALRM, and no waiting for a name server when a transfer is given up.
        options.long(CURLOPT_NOSIGNAL, 1)
        options.long(CURLOPT_QUICK_EXIT, 1)
        options.long(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1)
        options.long(CURLOPT_TCP_KEEPALIVE, 1)
        options.long(CURLOPT_CONNECTTIMEOUT_MS, Int(clamping: max(1, request.limits.connect)))
        options.long(CURLOPT_TIMEOUT_MS, Int(clamping: max(0, request.limits.total)))
        options.offset(CURLOPT_MAXFILESIZE_LARGE, max(1, request.limits.responseBytes))
        if request.url.origin.isLoopback { options.text(CURLOPT_PROXY, "") }
        if request.url.origin.isSecure {
            switch CertificateFile.find(fallbacks: defaults.certificateFallbacks) {
            case .success(let path): options.text(CURLOPT_CAINFO, path)
            case .failure(let failure): return failure
            }
        }
        prepareHeaders(options)
        if request.method == .post {
            options.long(CURLOPT_POST, 1)
            options.offset(CURLOPT_POSTFIELDSIZE_LARGE, Int64(request.body.count))
            request.body.withUnsafeBytes {
                // libcurl copies the bytes; it wants a pointer even to none of them.
                options.pointer(CURLOPT_COPYPOSTFIELDS, $0.baseAddress ?? UnsafeRawPointer(errorText))
            }
        }
        options.pointer(CURLOPT_ERRORBUFFER, errorText)
        options.pointer(CURLOPT_PRIVATE, context)
        options.pointer(CURLOPT_WRITEDATA, context)
        options.callback(CURLOPT_WRITEFUNCTION) { data, size, count, context in
            receiveBytes(data, size, count, context) { $0.receive(body: $1) }
        }
        options.pointer(CURLOPT_HEADERDATA, context)
        options.callback(CURLOPT_HEADERFUNCTION) { data, size, count, context in
            receiveBytes(data, size, count, context) { $0.receive(headerLine: $1) }
        }
        return options.hasFailed ? TransportFailure(.other, "libcurl refuses an option") : nil
    }

    private func prepareHeaders(_ options: Options) {
        // libcurl would wait a second for "100 Continue" before it sends a large body.
        var lines = ["Expect:"]
        if !request.acceptsCompression { lines.append("Accept-Encoding: identity") }
        lines += request.headers.map { "\($0.name): \($0.value)" }
        if let token = request.token { lines.append("Authorization: Bearer \(token.value)") }
        for line in lines where !line.utf8.contains(where: { $0 == 0x0d || $0 == 0x0a }) {
            if let longer = curl_slist_append(headerList, line) { headerList = longer }
        }
        options.list(CURLOPT_HTTPHEADER, headerList)
    }
}

/// A callback answers with the number of bytes it took, or asks to be called again later; any other number stops the
/// transfer.
private func receiveBytes(
    _ data: UnsafeMutablePointer<CChar>?, _ size: Int, _ count: Int, _ context: UnsafeMutableRawPointer?,
    _ receive: (Transfer, UnsafeRawBufferPointer) -> Transfer.Reception
) -> Int {
    let (length, overflow) = size.multipliedReportingOverflow(by: count)
    guard !overflow, let context else { return 0 }
    let transfer = Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue()
    return switch receive(transfer, UnsafeRawBufferPointer(start: data, count: data == nil ? 0 : length)) {
    case .taken: length
    case .later: Int(CURL_WRITEFUNC_PAUSE)
    case .refused: length + 1
    }
}

/// Sets options on one handle and remembers whether any was refused.
private final class Options {
    private let easy: UnsafeMutableRawPointer
    private(set) var hasFailed = false

    init(easy: UnsafeMutableRawPointer) { self.easy = easy }

    func long(_ option: CURLoption, _ value: Int) { note(shelf_curl_set_long(easy, option, value)) }

    func offset(_ option: CURLoption, _ value: Int64) { note(shelf_curl_set_offset(easy, option, curl_off_t(value))) }

    func text(_ option: CURLoption, _ value: String) { note(shelf_curl_set_text(easy, option, value)) }

    func pointer(_ option: CURLoption, _ value: UnsafeRawPointer) {
        note(shelf_curl_set_pointer(easy, option, UnsafeMutableRawPointer(mutating: value)))
    }

    func list(_ option: CURLoption, _ value: UnsafeMutablePointer<curl_slist>?) {
        note(shelf_curl_set_list(easy, option, value))
    }

    func callback(_ option: CURLoption, _ value: @escaping shelf_curl_data_callback) {
        note(shelf_curl_set_callback(easy, option, value))
    }

    private func note(_ code: CURLcode) { if code != CURLE_OK { hasFailed = true } }
}
