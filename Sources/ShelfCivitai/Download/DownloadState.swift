internal import ShelfBase

/// What is written beside an unfinished download so that another run can go on with it. It holds no address: signed
/// ones are as good as the file, and they expire.
struct DownloadState: Sendable, Equatable {
    private static let schema: Int64 = 1

    /// ``DownloadPlan/key``
    var key: String
    var name: String
    var sha256: String?
    /// Bytes that the whole file has; nil while unknown.
    var total: Int64?
    /// The entity tag of what the bytes are of, where nobody published a digest.
    var tag: String?
    /// Whether bytes may lie beyond a gap, so that the size says nothing.
    var isAhead = false
    /// What was written beyond the first gap, in order, by a run that was stopped.
    var islands: [Range<Int64>] = []
    /// The digest's state, and so how many bytes it covers.
    var hash: String?
    /// The start of the machine in which ``hash`` holds; nil when the bytes were brought to the disk before it was written.
    var boot: String?

    init(key: String, name: String, sha256: String?) {
        self.key = key
        self.name = name
        self.sha256 = sha256
    }

    /// Nil for what is not such a document, or is one of another version.
    init?(_ bytes: [UInt8]) {
        guard let json = try? JSONValue.parse(bytes), json["schema"]?.int == Self.schema,
            let key = json["key"]?.string, let name = json["name"]?.string
        else { return nil }
        self.init(key: key, name: name, sha256: json["sha256"]?.string)
        total = json["total"]?.int.flatMap { $0 >= 0 ? $0 : nil }
        tag = json["tag"]?.string
        hash = json["hash"]?.string
        boot = json["boot"]?.string
        isAhead = json["ahead"]?.bool ?? false
        for pair in (json["islands"]?.array ?? []).prefix(1000) {
            guard let start = pair.array?.first?.int, let end = pair.array?.last?.int, start < end else { continue }
            islands.append(start..<end)
        }
    }

    /// Whether the islands lie one after the other between what is hashed and the end of the file.
    func islandsAreSound(after count: Int64, size: Int64) -> Bool {
        var end = count
        for island in islands {
            guard island.lowerBound > end else { return false }
            end = island.upperBound
        }
        return !islands.isEmpty && end <= size && (total.map { end <= $0 } ?? false)
    }

    var json: JSONValue {
        .object([
            "schema": .int(Self.schema), "key": .string(key), "name": .string(name), "sha256": .optional(sha256),
            "total": .optional(total), "tag": .optional(tag), "hash": .optional(hash),
            "boot": .optional(boot), "ahead": .bool(isAhead),
            "islands": .array(islands.map { .array([.int($0.lowerBound), .int($0.upperBound)]) }),
        ])
    }
}
