internal import CCurl
internal import ShelfBase

extension Transfer {
    /// What libcurl's final word on this exchange means.
    func outcome(_ code: CURLcode) -> Outcome {
        guard code == CURLE_OK, easy != nil else {
            return .failure(ownFailure ?? TransportFailure(kind(code), words(code)))
        }
        return .success(head(body: body))
    }

    /// The answer as far as it is known.
    func head(body: [UInt8] = []) -> HTTPResponse {
        HTTPResponse(
            status: number(CURLINFO_RESPONSE_CODE), headers: headers, body: body,
            isMultiplexed: number(CURLINFO_HTTP_VERSION) >= Int(CURL_HTTP_VERSION_2_0))
    }

    /// Connections that were opened for this exchange: none when one could be used again.
    var connectionsOpened: Int { number(CURLINFO_NUM_CONNECTS) }

    /// Bytes moved so far in both directions.
    var bytesMoved: Int64 {
        guard let easy else { return 0 }
        var up: curl_off_t = 0
        var down: curl_off_t = 0
        _ = shelf_curl_get_offset(easy, CURLINFO_SIZE_UPLOAD_T, &up)
        _ = shelf_curl_get_offset(easy, CURLINFO_SIZE_DOWNLOAD_T, &down)
        return Int64(up) + Int64(down) + Int64(number(CURLINFO_HEADER_SIZE))
    }

    private func number(_ info: CURLINFO) -> Int {
        guard let easy else { return 0 }
        var value = 0
        _ = shelf_curl_get_long(easy, info, &value)
        return value
    }

    private func words(_ code: CURLcode) -> String {
        let own = String(cString: errorText)
        return own.isEmpty ? String(cString: curl_easy_strerror(code)) : own
    }

    private func kind(_ code: CURLcode) -> TransportFailure.Kind {
        switch code {
        case CURLE_COULDNT_RESOLVE_HOST: .resolve
        case CURLE_COULDNT_CONNECT: .connect
        case CURLE_OPERATION_TIMEDOUT: isConnected ? .timeout : .connectTimeout
        case CURLE_PARTIAL_FILE, CURLE_BAD_CONTENT_ENCODING: .truncated
        case CURLE_GOT_NOTHING, CURLE_SEND_ERROR, CURLE_RECV_ERROR, CURLE_HTTP2, CURLE_HTTP2_STREAM: .reset
        case CURLE_WEIRD_SERVER_REPLY, CURLE_UNSUPPORTED_PROTOCOL, CURLE_HTTP_RETURNED_ERROR: .malformed
        case CURLE_SSL_CONNECT_ERROR, CURLE_USE_SSL_FAILED, CURLE_SSL_CIPHER: .tls
        case CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_ISSUER_ERROR, CURLE_SSL_INVALIDCERTSTATUS: .certificate
        case CURLE_SSL_CACERT_BADFILE: .certificateFile
        case CURLE_COULDNT_RESOLVE_PROXY, CURLE_PROXY: .proxy
        case CURLE_FILESIZE_EXCEEDED: .tooLarge
        case CURLE_ABORTED_BY_CALLBACK: .cancelled
        default: .other
        }
    }

    private var isConnected: Bool {
        guard let easy else { return false }
        // Set once the connection is ready for the request, also when it was open before.
        var micros: curl_off_t = 0
        _ = shelf_curl_get_offset(easy, CURLINFO_PRETRANSFER_TIME_T, &micros)
        return micros > 0
    }
}
