internal import ShelfBase

/// Turns counters into a rate that does not jump and a time left that can be believed.
///
/// The rate is that of the last ten seconds; times are arguments, so that it is tested without waiting.
struct ProgressMeter {
    private static let window: Int64 = 10_000_000_000
    private static let interval: Int64 = 100_000_000

    private var marks: [(time: Int64, bytes: Int64)] = []
    private var lastDelivery: Int64 = .min
    private var lastPhase: ScanProgress.Phase?

    /// Completes `progress` with rate and time left; nil when the last delivery is less than a tenth of a second ago
    /// and the phase is the same.
    mutating func complete(_ progress: ScanProgress, now: Int64) -> ScanProgress? {
        if progress.phase != lastPhase { marks = [] }
        if marks.last.map({ now - $0.time >= Self.interval }) ?? true { marks.append((now, progress.bytes)) }
        marks.removeAll { now - $0.time > Self.window }
        guard progress.phase != lastPhase || now - lastDelivery >= Self.interval else { return nil }
        lastPhase = progress.phase
        lastDelivery = now
        var progress = progress
        if let first = marks.first, now - first.time >= Self.interval, progress.bytes > first.bytes {
            progress.bytesPerSecond = Double(progress.bytes - first.bytes) * 1e9 / Double(now - first.time)
            progress.secondsLeft = Double(max(0, progress.bytesTotal - progress.bytes)) / progress.bytesPerSecond
        }
        return progress
    }
}
