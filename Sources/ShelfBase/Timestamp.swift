/// Calendar times as texts, without a calendar library: proleptic Gregorian, UTC.
public enum Timestamp {
    /// The times that a text of four-digit years can say: those of the years 0000 to 9999.
    private static let range: ClosedRange<Int64> = -62_167_219_200_000...253_402_300_799_999

    /// `2026-01-31T12:00:00.250Z`; a time beyond the years 0000 to 9999 is shown as their first or last moment.
    public static func text(milliseconds: Int64) -> String {
        let milliseconds = min(max(milliseconds, range.lowerBound), range.upperBound)
        let days = floorDivide(milliseconds, 86_400_000)
        let rest = milliseconds - days * 86_400_000
        let (year, month, day) = civil(days)
        let seconds = rest / 1000
        return pad(year, 4) + "-" + pad(month, 2) + "-" + pad(day, 2) + "T" + pad(seconds / 3600, 2) + ":"
            + pad(seconds / 60 % 60, 2) + ":" + pad(seconds % 60, 2) + "." + pad(rest % 1000, 3) + "Z"
    }

    /// Milliseconds since 1970 of an ISO 8601 text, with or without a zone (then UTC) and with any number of
    /// fraction digits: Civitai sends both forms. Nil when the text is not such a time.
    public static func milliseconds(_ text: String) -> Int64? {
        var scanner = Scanner(Array(text.utf8))
        guard let year = scanner.number(4), scanner.skip("-"), let month = scanner.number(2), scanner.skip("-"),
            let day = scanner.number(2), (1...12).contains(month), (1...31).contains(day)
        else { return nil }
        let days = days(year, month, day)
        // A day that its month does not have would be one of the next month.
        guard civil(days) == (year, month, day) else { return nil }
        var total = days * 86_400_000
        guard !scanner.isAtEnd else { return total }
        guard scanner.skip("T") || scanner.skip("t") || scanner.skip(" "), let hour = scanner.number(2),
            scanner.skip(":"), let minute = scanner.number(2), minute < 60, hour < 24 || (hour == 24 && minute == 0)
        else { return nil }
        total += hour * 3_600_000 + minute * 60_000
        if scanner.skip(":") {
            guard let second = scanner.number(2), second < 61 else { return nil }
            total += second * 1000
            if scanner.skip(".") { total += scanner.fractionMilliseconds() }
        }
        if scanner.isAtEnd || scanner.skip("Z") || scanner.skip("z") { return scanner.isAtEnd ? total : nil }
        let sign: Int64 = scanner.skip("+") ? -1 : (scanner.skip("-") ? 1 : 0)
        guard sign != 0, let offsetHour = scanner.number(2) else { return nil }
        _ = scanner.skip(":")
        let offsetMinute = scanner.number(2) ?? 0
        return scanner.isAtEnd ? total + sign * (offsetHour * 3_600_000 + offsetMinute * 60_000) : nil
    }

    // Days since 1970 of a civil date: years start in March, so that the leap day is the last of its year.
    private static func days(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
        let shifted = month <= 2 ? year - 1 : year
        let era = floorDivide(shifted, 400)
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    private static func civil(_ days: Int64) -> (Int64, Int64, Int64) {
        let shifted = days + 719_468
        let era = floorDivide(shifted, 146_097)
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let marchMonth = (5 * dayOfYear + 2) / 153
        let month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * marchMonth + 2) / 5 + 1)
    }

    private static func floorDivide(_ value: Int64, _ divisor: Int64) -> Int64 {
        let quotient = value / divisor
        return value % divisor < 0 ? quotient - 1 : quotient
    }

    private static func pad(_ value: Int64, _ width: Int) -> String {
        let digits = String(value)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }

    private struct Scanner {
        let bytes: [UInt8]
        var position = 0

        init(_ bytes: [UInt8]) { self.bytes = bytes }

        var isAtEnd: Bool { position == bytes.count }

        mutating func skip(_ character: Unicode.Scalar) -> Bool {
            guard position < bytes.count, bytes[position] == UInt8(ascii: character) else { return false }
            position += 1
            return true
        }

        mutating func number(_ digits: Int) -> Int64? {
            guard position + digits <= bytes.count else { return nil }
            var value: Int64 = 0
            for byte in bytes[position..<position + digits] {
                guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
                value = value * 10 + Int64(byte - UInt8(ascii: "0"))
            }
            position += digits
            return value
        }

        mutating func fractionMilliseconds() -> Int64 {
            var value: Int64 = 0
            var weight: Int64 = 100
            while let digit = number(1) {
                value += digit * weight
                weight /= 10
            }
            return value
        }
    }
}
