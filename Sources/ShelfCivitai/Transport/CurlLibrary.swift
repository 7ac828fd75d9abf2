internal import CCurl

/// libcurl's process-wide set-up, done once whoever comes first.
enum CurlLibrary {
    /// Whether the library is ready. Static properties are initialised exactly once, by one thread.
    static let isReady: Bool = curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK
}
