public import ShelfBase

/// The key `modelshelf` of a sidecar: what makes a file known on a machine that has never seen it.
///
/// Everything in it is a claim of whoever wrote the file: it counts only for a file whose size, time and sample agree.
public struct SidecarNote: Sendable, Equatable {
    /// Counts up when older programs would misread it.
    static let schema: Int64 = 1

    /// Bytes.
    public var size: Int64
    /// Nanoseconds since 1970.
    public var modified: Int64
    /// The 32 bytes of the file's sample.
    public var sample: [UInt8]
    public var digests: Digests
    /// What Civitai said, and when it should be asked again: an object of ``Key/civitai``'s shape in `docs/sidecars.md`.
    public var civitai: JSONObject?
    /// What the user said: `{field: {"value", "at"}}`, times in milliseconds since 1970.
    public var user: JSONObject

    /// Whole digests, of which the short forms are cut.
    public struct Digests: Sendable, Equatable {
        public var sha256: [UInt8]
        public var tensorSHA256: [UInt8]?
        public var afterHeaderSHA256: [UInt8]?
        public var legacyWindowSHA256: [UInt8]?
        public var blake3: [UInt8]?
        public var crc32: UInt32?

        public init(sha256: [UInt8]) { self.sha256 = sha256 }
    }

    public init(
        size: Int64, modified: Int64, sample: [UInt8], digests: Digests, civitai: JSONObject?, user: JSONObject
    ) {
        self.size = size
        self.modified = modified
        self.sample = sample
        self.digests = digests
        self.civitai = civitai
        self.user = user
    }

    /// Nil for another schema, and for anything that does not fit: then the file is hashed as if there were none.
    init?(json: JSONValue) {
        guard json["schema"]?.int == Self.schema, let size = json["size"]?.int, size >= 0,
            let modified = json["mtime_ns"]?.int, let sample = Self.digest(json["sample"]),
            let sha256 = Self.digest(json["digests"]?["sha256"])
        else { return nil }
        var digests = Digests(sha256: sha256)
        digests.tensorSHA256 = Self.digest(json["digests"]?["tensor_sha256"])
        digests.afterHeaderSHA256 = Self.digest(json["digests"]?["after_header_sha256"])
        digests.legacyWindowSHA256 = Self.digest(json["digests"]?["legacy_window_sha256"])
        digests.blake3 = Self.digest(json["digests"]?["blake3"])
        digests.crc32 = json["digests"]?["crc32"]?.string.flatMap { $0.utf8.count == 8 ? UInt32($0, radix: 16) : nil }
        self.init(
            size: size, modified: modified, sample: sample, digests: digests, civitai: json["civitai"]?.object,
            user: json["user"]?.object ?? [:])
    }

    /// Whether a later version wrote a note that this one would misread. It is left as it is.
    public static func isOfLaterVersion(_ note: ExactJSON?) -> Bool {
        (note?.plain?["schema"]?.int).map { $0 > schema } ?? false
    }

    public var json: JSONObject {
        var digests = JSONObject()
        digests["sha256"] = .string(Hex.encode(self.digests.sha256))
        for (name, value) in [
            ("tensor_sha256", self.digests.tensorSHA256), ("after_header_sha256", self.digests.afterHeaderSHA256),
            ("legacy_window_sha256", self.digests.legacyWindowSHA256), ("blake3", self.digests.blake3),
        ] {
            digests[name] = .optional(value.map { Hex.encode($0) })
        }
        digests["crc32"] = .optional(
            self.digests.crc32.map { number in
                Hex.encode((0..<4).map { UInt8(truncatingIfNeeded: number >> (24 - 8 * $0)) })
            })
        return [
            "schema": .int(Self.schema), "size": .int(size), "mtime_ns": .int(modified),
            "sample": .string(Hex.encode(sample)), "digests": .object(digests),
            "civitai": civitai.map { .object($0) } ?? .null, "user": .object(user),
        ]
    }

    /// Whether a file that is there has the size and the time of the note.
    ///
    /// Cloud drives and other file systems cut or round times to milliseconds, seconds, or two seconds. So times agree
    /// when they differ by less than the coarser grain of the two; the sample decides about the rest.
    public func fits(_ identity: FileIdentity) -> Bool {
        guard identity.kind == .file, size == identity.size else { return false }
        let (difference, overflow) = modified.subtractingReportingOverflow(identity.modified)
        guard !overflow else { return false }
        return difference.magnitude <= max(Self.grain(modified), Self.grain(identity.modified)).magnitude
    }

    /// How coarse a time may be, by its last digits, in nanoseconds; 0 for an exact one.
    private static func grain(_ time: Int64) -> Int64 {
        for grain: Int64 in [2_000_000_000, 1_000_000_000, 1_000_000, 1000, 100] where time % grain == 0 {
            return grain - 1
        }
        return 0
    }

    private static func digest(_ value: JSONValue?) -> [UInt8]? {
        value?.string.flatMap { $0.utf8.count == 64 ? Hex.decode($0) : nil }
    }
}
