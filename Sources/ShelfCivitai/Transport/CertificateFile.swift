internal import Glibc
internal import ShelfBase

/// Where the trusted certificates are. libcurl knows only the place of the system that it was built on, and a wheel's
/// libcurl runs on another.
enum CertificateFile {
    /// Debian and Arch; Fedora; older Red Hat; openSUSE; Alpine and the BSDs.
    static let knownPlaces = [
        "/etc/ssl/certs/ca-certificates.crt",
        "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
        "/etc/pki/tls/certs/ca-bundle.crt",
        "/etc/ssl/ca-bundle.pem",
        "/etc/ssl/cert.pem",
    ]

    /// `SSL_CERT_FILE` if it is set, whether or not it can be read; else the first of the known places, then of
    /// `fallbacks`, that can be read.
    static func find(fallbacks: [String]) -> Result<String, TransportFailure> {
        if let path = Environment.value("SSL_CERT_FILE") {
            guard isReadable(path) else {
                return .failure(TransportFailure(.certificateFile, "SSL_CERT_FILE names a file that cannot be read"))
            }
            return .success(path)
        }
        if let path = (knownPlaces + fallbacks).first(where: isReadable) { return .success(path) }
        return .failure(TransportFailure(.certificateFile, "this system has no file of trusted certificates"))
    }

    private static func isReadable(_ path: String) -> Bool { access(path, R_OK) == 0 }
}
