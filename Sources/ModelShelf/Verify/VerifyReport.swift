public import ShelfBase

/// Which files to hash again.
public struct VerifyRequest: Sendable {
    /// Models by path, name, hash, URL or id; the whole library when empty.
    public var what: [FilePath]
    /// Only files whose digests were taken over from a sidecar.
    public var adoptedOnly = false
    /// Files hashed at once; nil for one on each processor.
    public var jobs: Int?
    /// Read and hash with the lowest priority for processor and disk.
    public var isBackground = false

    public init(_ what: [FilePath] = []) { self.what = what }
}

/// Whether the files still have the bytes that were recorded.
public struct VerifyReport: Sendable {
    /// One file that is not as it was recorded.
    public struct Finding: Sendable {
        public let path: FilePath
        /// SHA-256 in lower case, where one is known.
        public let expected: String?
        public let found: String?
    }

    public var ok = 0
    /// Written since the last scan, or never what a sidecar said of them: a scan takes them up.
    public var changed: [Finding] = []
    /// Same size and time, other bytes.
    public var damaged: [Finding] = []
    public var missing: [Finding] = []
    /// What could not be read.
    public var failed: [ShelfError] = []
    public var bytesHashed: Int64 = 0

    public init() {}

    public var json: JSONObject {
        [
            "ok": .int(Int64(ok)), "changed": Self.list(changed), "damaged": Self.list(damaged),
            "missing": Self.list(missing), "failed": .array(failed.map { .object(ScanReport.failure($0)) }),
            "bytes_hashed": .int(bytesHashed),
        ]
    }

    private static func list(_ findings: [Finding]) -> JSONValue {
        .array(
            findings.map {
                .object([
                    "path": .string($0.path.display), "path_bytes": .optional($0.path.base64IfNotUTF8),
                    "expected": .optional($0.expected), "found": .optional($0.found),
                ])
            })
    }
}
