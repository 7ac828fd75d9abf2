internal import ShelfBase

/// Files of trusted certificates to try when the system has none: a Python package can name its own.
public enum CertificateFiles {
    private static let named = Locked<[String]>([])

    /// Takes effect for shelves and clients made later.
    public static func add(fallback path: String) { named.withLock { $0.append(path) } }

    static var fallbacks: [String] { named.withLock { $0 } }
}
