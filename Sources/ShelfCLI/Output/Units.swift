/// Numbers as people read them.
enum Units {
    /// `4.20 GB`: decimal units, three digits that matter.
    static func bytes(_ count: Int64) -> String {
        guard count >= 1000 else { return "\(max(0, count)) B" }
        return scaled(Double(count), ["kB", "MB", "GB", "TB", "PB", "EB"])
    }

    /// `412 MB/s`
    static func rate(_ bytesPerSecond: Double) -> String {
        guard bytesPerSecond.isFinite, bytesPerSecond >= 1 else { return "0 B/s" }
        return bytes(Int64(min(bytesPerSecond, 1e18))) + "/s"
    }

    /// `2.60 billion`, for parameters.
    static func parameters(_ count: Int64) -> String {
        guard count >= 1000 else { return "\(count)" }
        return scaled(Double(count), ["thousand", "million", "billion", "trillion", "10^15", "10^18"])
    }

    /// `3 files`, `1 file`.
    static func count(_ number: Int, _ noun: String, _ plural: String? = nil) -> String {
        "\(number) \(number == 1 ? noun : plural ?? noun + "s")"
    }

    /// `4.2 s`, `3:05 min`, `2:03 h`.
    static func duration(_ seconds: Double) -> String {
        guard seconds.isFinite, seconds >= 0 else { return "?" }
        let whole = Int(min(seconds, 1e9).rounded())
        return switch whole {
        case ..<60: decimal(seconds, 1) + " s"
        case ..<3600: "\(whole / 60):\(twoDigits(whole % 60)) min"
        default: "\(whole / 3600):\(twoDigits(whole % 3600 / 60)) h"
        }
    }

    /// `0:08`, `12:05`, `1:02:33`, as clocks show it.
    static func clock(_ seconds: Double) -> String {
        guard seconds.isFinite, seconds >= 0 else { return "-:--" }
        let whole = Int(min(seconds, 359_999).rounded())
        let minutes = whole / 60
        guard minutes >= 60 else { return "\(minutes):\(twoDigits(whole % 60))" }
        return "\(minutes / 60):\(twoDigits(minutes % 60)):\(twoDigits(whole % 60))"
    }

    /// A number with a fixed count of decimals.
    static func decimal(_ value: Double, _ digits: Int) -> String {
        guard value.isFinite, abs(value) < 1e15 else { return "\(value)" }
        var scale: Int64 = 1
        for _ in 0..<digits { scale *= 10 }
        let scaled = Int64((abs(value) * Double(scale)).rounded())
        let sign = value < 0 && scaled > 0 ? "-" : ""
        guard digits > 0 else { return "\(sign)\(scaled)" }
        let fraction = String(scaled % scale)
        return "\(sign)\(scaled / scale)." + String(repeating: "0", count: digits - fraction.count) + fraction
    }

    private static func scaled(_ value: Double, _ names: [String]) -> String {
        var value = value / 1000
        var index = 0
        while value >= 999.5, index + 1 < names.count {
            value /= 1000
            index += 1
        }
        let digits = value < 9.995 ? 2 : value < 99.95 ? 1 : 0
        return decimal(value, digits) + " " + names[index]
    }

    private static func twoDigits(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
}
