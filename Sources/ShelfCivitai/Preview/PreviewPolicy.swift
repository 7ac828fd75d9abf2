internal import ShelfBase

/// Which pictures may be fetched, by how adult they are.
public struct PreviewPolicy: Sendable, Equatable {
    /// Names of levels as people write them, mildest first; each allows those before it too.
    public static let names = ["pg", "pg13", "r", "x", "xxx"]

    /// The allowed bits of `nsfwLevel`.
    public let mask: Int64
    /// The name of the highest allowed level.
    public let name: String

    /// PG and PG-13.
    public static let standard = PreviewPolicy(mask: 3, name: "pg13")

    private init(mask: Int64, name: String) {
        self.mask = mask
        self.name = name
    }

    /// Nil for a name that is none of ``names``.
    public init?(maximum: String) {
        let plain = Spelling.plain(maximum)
        guard let index = Self.names.firstIndex(of: plain) else { return nil }
        self.init(mask: (1 << Int64(index + 1)) - 1, name: plain)
    }

    /// Whether a picture of this level may be fetched. One that nobody has rated yet may be anything, and one that is
    /// blocked is never shown.
    public func allows(_ level: Int64?) -> Bool {
        guard let level, level > 0 else { return false }
        return level & ~mask == 0
    }

    /// The pictures and videos that may be fetched, in the creator's order.
    public func choose(_ images: [CivitaiImage]) -> [CivitaiImage] {
        images.filter { ($0.type == "image" || $0.type == "video") && allows($0.nsfwLevel) }
    }
}
