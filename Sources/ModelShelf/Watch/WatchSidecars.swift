internal import ShelfBase

/// Writes the sidecars of what a watch has told, on a thread of its own: no event waits for one, and one that cannot be
/// written is worth a word.
final class WatchSidecars: Sendable {
    /// What another time may bring.
    private static let passing: Set<ErrorCode> = [.storeBusy, .fileChanged]

    private let shelf: Shelf
    private let policies: Policies
    private let cancellation: Cancellation
    private let inbox = Mailbox<FilePath>()

    /// Nil when no sidecars are wanted.
    init?(_ shelf: Shelf, _ policies: Policies, _ cancellation: Cancellation) {
        guard policies.anybody({ $0.sidecars?.isEmpty == false }) else { return nil }
        self.shelf = shelf
        self.policies = policies
        self.cancellation = cancellation
    }

    /// Writes the sidecar of a model, if there is something new to say in it.
    func consider(_ path: FilePath) {
        if !policies.sidecars(at: path).isEmpty { inbox.post(path) }
    }

    func close() { inbox.close() }

    func run() {
        var timer = BurstTimer()
        var open: Set<FilePath> = []
        while !cancellation.isCancelled {
            let now = Clock.monotonicNanoseconds()
            let wait = timer.due.map { max(0, ($0 - now + 999_999) / 1_000_000) } ?? -1
            let arrived = inbox.receiveAll(milliseconds: wait)
            guard !cancellation.isCancelled else { return }
            if !arrived.isEmpty {
                open.formUnion(arrived)
                timer.arrive(now: Clock.monotonicNanoseconds())
            }
            guard let due = timer.due, due <= Clock.monotonicNanoseconds() else { continue }
            open = open.filter { !write($0) }
            timer.asked(isComplete: open.isEmpty, now: Clock.monotonicNanoseconds())
        }
    }

    /// False when it is to be tried again.
    private func write(_ model: FilePath) -> Bool {
        var request = SidecarRequest([model], formats: policies.sidecars(at: model))
        request.gathering = policies.metadataFolder(at: model)
        do throws(ShelfError) {
            let report = try shelf.sidecars(request, cancellation: cancellation)
            for damage in report.damaged { Log.write(.warning, damage.description) }
            for error in report.failed { Log.write(.warning, "a sidecar could not be written: \(error)") }
            return !report.failed.contains { Self.passing.contains($0.code) }
        } catch {
            // Gone meanwhile: there is nothing to describe.
            if error.code == .cancelled || error.code == .notFound { return true }
            Log.write(.warning, "the sidecar of \(model.escaped) could not be written: \(error)")
            return !Self.passing.contains(error.code)
        }
    }
}
