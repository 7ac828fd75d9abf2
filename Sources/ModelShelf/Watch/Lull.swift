internal import ShelfBase

/// Tells when a watch has had nothing to do for a while, and takes that back at once when something comes.
final class Lull: Sendable {
    enum Worker: Sendable, Hashable { case detector, asker }

    private struct State: Sendable {
        /// Nothing is known of the folders before the detector has looked at them.
        var busy: Set<Worker> = [.detector]
        var since = Clock.monotonicNanoseconds()
        /// Ends what was begun in this lull.
        var turn: Cancellation?
    }

    private let state = Locked(State())
    private let changes = Mailbox<Void>()
    private let pause: Int64
    private let whole: Cancellation

    /// - Parameters:
    ///   - milliseconds: for how long there must have been nothing to do.
    ///   - cancellation: of the watch.
    init(after milliseconds: Int64, _ cancellation: Cancellation) {
        pause = milliseconds * 1_000_000
        whole = cancellation
    }

    func set(_ worker: Worker, isBusy: Bool) {
        let isNews = state.withLock { state in
            guard state.busy.contains(worker) != isBusy else { return false }
            if isBusy {
                state.busy.insert(worker)
                state.turn?.cancel()
                state.turn = nil
            } else {
                state.busy.remove(worker)
            }
            state.since = Clock.monotonicNanoseconds()
            return true
        }
        if isNews { changes.post(()) }
    }

    /// Waits for a lull. What it gives is set when the lull is over; nil when the watch is.
    func begin() -> Cancellation? {
        while !whole.isCancelled {
            let (turn, wait) = state.withLock { state -> (Cancellation?, Int64) in
                guard state.busy.isEmpty else { return (nil, -1) }
                let left = state.since + pause - Clock.monotonicNanoseconds()
                guard left <= 0 else { return (nil, (left + 999_999) / 1_000_000) }
                let turn = state.turn ?? Cancellation(partOf: whole)
                state.turn = turn
                return (turn, 0)
            }
            if let turn { return turn }
            _ = changes.receiveAll(milliseconds: wait)
        }
        return nil
    }

    /// Waits until something has come or gone, and no longer than that.
    func rest(milliseconds: Int64) { _ = changes.receiveAll(milliseconds: milliseconds) }

    func close() { changes.close() }
}
