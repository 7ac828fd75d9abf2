internal import ShelfBase

/// Turns counters into a rate that does not jump and a time left that can be believed.
///
/// Times are arguments, so that it is tested without waiting.
struct ProgressMeter {
    private static let interval: Int64 = 100_000_000

    private var meter = RateMeter()
    private var lastDelivery: Int64 = .min
    private var lastPhase: ScanProgress.Phase?

    /// Completes `progress` with rate and time left; nil when the last delivery is less than a tenth of a second ago
    /// and the phase is the same.
    mutating func complete(_ progress: ScanProgress, now: Int64) -> ScanProgress? {
        let isNewPhase = progress.phase != lastPhase
        guard isNewPhase || now - lastDelivery >= Self.interval else { return nil }
        if isNewPhase { meter = RateMeter() }
        lastPhase = progress.phase
        lastDelivery = now
        var progress = progress
        progress.bytesPerSecond = meter.rate(bytes: progress.bytes, now: now)
        progress.secondsLeft = RateMeter.secondsLeft(
            progress.bytes, of: progress.bytesTotal, rate: progress.bytesPerSecond)
        progress.bytes = meter.most
        return progress
    }
}
