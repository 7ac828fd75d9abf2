internal import ModelShelf
internal import ShelfBase
internal import Synchronization

/// Shows progress on standard error, not more often than it can be read.
final class ProgressReporter: Sendable {
    enum Mode: Sendable, Equatable {
        case none
        /// One line, drawn again in place.
        case live
        /// A plain line every few seconds, for logs.
        case plain
    }

    private let console: Console
    private let mode: Mode
    private let state = Mutex(State())

    private struct State {
        var lastShown: Int64?
        var meter = RateMeter()
    }

    init(console: Console, mode: Mode) {
        self.console = console
        self.mode = mode
    }

    /// Live on a terminal that can redraw, plain when asked for details elsewhere, nothing otherwise.
    static func mode(_ options: GlobalOptions, _ terminal: some Terminal) -> Mode {
        if options.quiet { return .none }
        if terminal.canRedraw { return .live }
        return options.verbose ? .plain : .none
    }

    func show(_ progress: ScanProgress) {
        guard progress.phase != .done else { return finish() }
        var state = ProgressState(phase: progress.phase.rawValue)
        state.files = progress.files
        state.filesTotal = progress.filesTotal
        state.bytes = progress.bytes
        state.bytesTotal = progress.phase == .hashing ? progress.bytesTotal : 0
        state.bytesPerSecond = progress.phase == .hashing ? progress.bytesPerSecond : 0
        state.secondsLeft = progress.secondsLeft
        state.path = progress.path
        show(state, now: Clock.monotonicNanoseconds())
    }

    func show(_ progress: TransferProgress) {
        guard progress.phase != "done" else { return finish() }
        var state = ProgressState(phase: progress.phase)
        state.bytes = progress.bytes
        state.bytesTotal = progress.total ?? 0
        state.bytesPerSecond = progress.bytesPerSecond
        state.secondsLeft = progress.secondsLeft
        state.path = progress.name
        show(state, now: Clock.monotonicNanoseconds())
    }

    /// Progress that is known as bytes only.
    func show(_ phase: String, bytes: Int64, total: Int64) {
        let now = Clock.monotonicNanoseconds()
        var progress = ProgressState(phase: phase)
        (progress.bytesPerSecond, progress.bytes) = state.withLock { state in
            (state.meter.rate(bytes: bytes, now: now), min(state.meter.most, total))
        }
        progress.bytesTotal = total
        progress.secondsLeft = RateMeter.secondsLeft(bytes, of: total, rate: progress.bytesPerSecond)
        show(progress, now: now)
    }

    func show(_ progress: ProgressState, now: Int64) {
        let interval: Int64 = mode == .live ? 100_000_000 : 5_000_000_000
        let isDue = state.withLock { state in
            // A log needs no line for work that is over in a moment.
            guard let last = state.lastShown else {
                state.lastShown = now
                return mode == .live
            }
            guard now - last >= interval else { return false }
            state.lastShown = now
            return true
        }
        guard isDue else { return }
        switch mode {
        case .none: break
        case .live: console.redraw(ProgressLine.text(progress, width: console.terminal.messageWidth ?? 80))
        case .plain: console.say("modelshelf: " + ProgressLine.text(progress, width: nil))
        }
    }

    /// Takes the line away.
    func finish() {
        if mode == .live { console.redraw("") }
    }
}
