internal import ShelfBase

/// How far some work is, as one line shows it.
struct ProgressState: Sendable, Equatable {
    /// `hashing`
    var phase: String
    var files = 0
    var filesTotal = 0
    var bytes: Int64 = 0
    var bytesTotal: Int64 = 0
    /// 0 while unknown.
    var bytesPerSecond: Double = 0
    var secondsLeft: Double?
    /// What is being read now.
    var path: FilePath?
}

/// Writes the progress line.
enum ProgressLine {
    /// `hashing 3/12 files  1.20/4.50 GB  412 MB/s  0:08 left  name`, cut to fewer than `width` columns so that the
    /// terminal never wraps it.
    static func text(_ state: ProgressState, width: Int?) -> String {
        var parts = [state.phase]
        if state.filesTotal > 0 {
            parts[0] += " \(state.files)/\(Units.count(state.filesTotal, "file"))"
        } else if state.files > 0 {
            parts[0] += " \(Units.count(state.files, "file"))"
        }
        if state.bytesTotal > 0 {
            parts.append("\(Units.bytes(state.bytes)) of \(Units.bytes(state.bytesTotal))")
        }
        if state.bytesPerSecond >= 1 { parts.append(Units.rate(state.bytesPerSecond)) }
        if let left = state.secondsLeft { parts.append(Units.clock(left) + " left") }
        if let path = state.path { parts.append(SafeText.line(path.lastComponent)) }
        let line = parts.joined(separator: "  ")
        return width.map { DisplayWidth.fit(line, max(0, $0 - 1)) } ?? line
    }
}
