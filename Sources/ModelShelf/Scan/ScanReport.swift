public import ShelfBase

/// What one scan did: the counters are of this run, the last three describe the files seen, whenever they were
/// identified.
public struct ScanReport: Sendable {
    public var files = 0
    public var new = 0
    public var changed = 0
    public var unchanged = 0
    public var moved = 0
    public var missing = 0
    public var hashed = 0
    public var bytesHashed: Int64 = 0
    public var identified = 0
    public var notOnCivitai = 0
    public var pending = 0
    /// Files whose digests a sidecar told, so that they were not hashed.
    public var adopted = 0
    /// Pictures fetched.
    public var previews = 0
    /// Sidecars written because they were new or something changed.
    public var sidecars = 0
    public var failed: [ShelfError] = []
    public var requests = 0
    public var seconds: Double = 0
    /// What a person should know although nothing failed, such as a service that could not be reached.
    public var warnings: [String] = []

    public init() {}

    public var json: JSONObject {
        [
            "files": .int(Int64(files)), "new": .int(Int64(new)), "changed": .int(Int64(changed)),
            "unchanged": .int(Int64(unchanged)), "moved": .int(Int64(moved)), "missing": .int(Int64(missing)),
            "hashed": .int(Int64(hashed)), "bytes_hashed": .int(bytesHashed), "identified": .int(Int64(identified)),
            "not_on_civitai": .int(Int64(notOnCivitai)), "pending": .int(Int64(pending)),
            "failed": .array(failed.map { .object(Self.failure($0)) }), "requests": .int(Int64(requests)),
            "seconds": .double(seconds), "warnings": .strings(warnings), "previews": .int(Int64(previews)),
            "adopted": .int(Int64(adopted)), "sidecars": .int(Int64(sidecars)),
        ]
    }

    static func failure(_ error: ShelfError) -> JSONObject {
        [
            "path": .optional(error.path?.display), "path_bytes": .optional(error.path?.base64IfNotUTF8),
            "code": .string(error.code.rawValue), "message": .string(error.message), "hint": .optional(error.hint),
        ]
    }
}
