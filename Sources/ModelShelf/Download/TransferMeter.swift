internal import ShelfBase
internal import ShelfCivitai

/// Turns byte counts into a rate and a time left, for whoever watches. Used by one thread.
final class TransferMeter {
    private let deliver: ((TransferProgress) -> Bool)?
    private var progress = TransferProgress()
    private var marks: [(time: Int64, bytes: Int64)] = []
    private static let window: Int64 = 10_000_000_000

    init(deliver: ((TransferProgress) -> Bool)?) { self.deliver = deliver }

    /// False to stop.
    func show(_ state: DownloadProgress) -> Bool {
        let now = Clock.monotonicNanoseconds()
        if state.bytes < progress.bytes || state.phase != .downloading { marks = [] }
        marks.append((now, state.bytes))
        marks.removeAll { now - $0.time > Self.window }
        progress.phase = state.phase.rawValue
        progress.bytes = state.bytes
        progress.total = state.total
        progress.name = state.name
        progress.bytesPerSecond = 0
        progress.secondsLeft = nil
        if let first = marks.first, now - first.time >= 100_000_000, state.bytes > first.bytes {
            progress.bytesPerSecond = Double(state.bytes - first.bytes) * 1e9 / Double(now - first.time)
            progress.secondsLeft = state.total.map { Double(max(0, $0 - state.bytes)) / progress.bytesPerSecond }
        }
        return deliver?(progress) ?? true
    }

    func show(phase: String) {
        progress.phase = phase
        progress.bytesPerSecond = 0
        progress.secondsLeft = nil
        _ = deliver?(progress)
    }
}
