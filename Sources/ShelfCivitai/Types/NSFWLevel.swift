internal import ShelfBase

/// How adult something is: a set of bits, because a model carries the levels of all its pictures. 0 is unrated.
enum NSFWLevel {
    /// PG 1, PG-13 2, R 4, X 8, XXX 16, blocked 32: the server's `NsfwLevel`.
    static let names: [String: Int64] = [
        "none": 1, "pg": 1, "soft": 2, "pg13": 2, "pg-13": 2, "mature": 4, "r": 4, "x": 8, "xxx": 16, "blocked": 32,
    ]

    /// The bits of a number, or of one of the words that one route still sends; nil for anything else.
    static func bits(_ value: JSONValue?) -> Int64? {
        if let number = Fields.int(value) { return number >= 0 ? number : nil }
        return value?.string.flatMap { names[$0.lowercased()] }
    }
}
