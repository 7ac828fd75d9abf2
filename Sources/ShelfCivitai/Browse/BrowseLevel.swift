internal import ShelfBase

/// How adult what is shown may be, in any of the forms that people know.
enum BrowseLevel {
    static let all: Int64 = 31

    /// Words of the old form that stand for a set, as the service takes them; the new names stand for all up to them.
    private static let words: [String: Int64] = [
        "none": 1, "soft": 3, "mature": 7, "blocked": 32, "true": 31, "yes": 31, "on": 31, "all": 31, "false": 1,
        "no": 1, "off": 1,
    ]

    /// The bits of a number or a word; nil for anything else. `true` is everything: on one route the service takes it for
    /// everything but the harmless.
    static func mask(_ text: String) -> Int64? {
        if let number = Int64(text) { return (1...63).contains(number) ? number : nil }
        return words[text.lowercased()] ?? PreviewPolicy(maximum: text)?.mask
    }
}
