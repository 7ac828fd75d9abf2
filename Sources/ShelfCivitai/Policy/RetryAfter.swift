internal import ShelfBase

/// The `Retry-After` header: seconds, or a date in one of the three forms that HTTP knows (RFC 9110, 5.6.7).
public enum RetryAfter {
    private static let months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]

    /// Milliseconds to wait, never negative; nil when there is no such header or it makes no sense.
    /// `wallNow` is in milliseconds since 1970.
    public static func milliseconds(_ text: String?, wallNow: Int64) -> Int64? {
        guard let text, text.utf8.count <= 64 else { return nil }
        guard !text.hasPrefix("-") else { return nil }
        let words = text.split(whereSeparator: { " ,-\t".contains($0) })
        if words.count == 1, let word = words.first, word.utf8.allSatisfy({ (0x30...0x39).contains($0) }) {
            // A number too large to read is a very long time, and not no time.
            guard let seconds = Int64(word), seconds < 1 << 40 else { return Int64(1) << 50 }
            return seconds * 1000
        }
        guard let date = date(words.map(String.init)) else { return nil }
        return max(0, date - wallNow)
    }

    private static func date(_ words: [String]) -> Int64? {
        // "Sun 06 Nov 1994 08:49:37 GMT", "Sunday 06 Nov 94 08:49:37 GMT", "Sun Nov 6 08:49:37 1994"
        guard words.count >= 5 else { return nil }
        if months.contains(words[1].lowercased()) {
            return milliseconds(day: words[2], month: words[1], year: words[4], time: words[3])
        }
        return milliseconds(day: words[1], month: words[2], year: words[3], time: words[4])
    }

    private static func milliseconds(day: String, month: String, year: String, time: String) -> Int64? {
        guard let index = months.firstIndex(of: month.lowercased()), var number = UInt16(year), UInt8(day) != nil
        else { return nil }
        if year.count == 2 { number += number < 70 ? 2000 : 1900 }
        return Timestamp.milliseconds("\(pad(String(number), 4))-\(pad(String(index + 1), 2))-\(pad(day, 2))T\(time)Z")
    }

    private static func pad(_ text: String, _ width: Int) -> String {
        String(repeating: "0", count: max(0, width - text.count)) + text
    }
}
