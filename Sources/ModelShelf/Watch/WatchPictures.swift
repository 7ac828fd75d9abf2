internal import ShelfBase
internal import ShelfCivitai
internal import ShelfStore

/// Fetches pictures of what a watch has identified, on a thread of its own: a slow picture holds no event up, and one
/// that cannot be had is worth a word and no event.
final class WatchPictures: Sendable {
    /// Files in one round: when none of them can be had because the service is away, the others need not be tried.
    private static let round = 24
    /// What another time may bring.
    private static let passing: Set<ErrorCode> = [.network, .timeout, .rateLimited, .serverError]

    private let store: Store
    private let client: CivitaiClient
    private let policies: Policies
    private let cancellation: Cancellation
    private let inbox = Mailbox<Int64>()

    init(_ shelf: Shelf, _ policies: Policies, cancellation: Cancellation) {
        store = shelf.store
        client = shelf.lookups.client
        self.policies = policies
        self.cancellation = cancellation
    }

    /// Fetches a picture for a file, by the number of its row, if it is to have one and has none.
    func consider(_ location: Int64, _ path: FilePath) {
        if policies.wantsPreviews(at: path) { inbox.post(location) }
    }

    func close() { inbox.close() }

    func run() {
        var timer = BurstTimer()
        var open: [Int64] = []
        while !cancellation.isCancelled {
            let now = Clock.monotonicNanoseconds()
            let wait = timer.due.map { max(0, ($0 - now + 999_999) / 1_000_000) } ?? -1
            let arrived = inbox.receiveAll(milliseconds: wait)
            guard !cancellation.isCancelled else { return }
            guard !arrived.isEmpty || (timer.due.map { $0 <= Clock.monotonicNanoseconds() } ?? false) else { continue }
            // What is new comes first: what failed before may fail again.
            open = fetch(arrived + open)
            timer.asked(isComplete: open.isEmpty, now: Clock.monotonicNanoseconds())
        }
    }

    /// Gives the files whose pictures are to be tried again.
    private func fetch(_ locations: [Int64]) -> [Int64] {
        var left: [Int64] = []
        var start = 0
        while start < locations.count, !cancellation.isCancelled {
            let end = min(start + Self.round, locations.count)
            let part = Array(locations[start..<end])
            start = end
            do throws(ShelfError) {
                let files = try store.read { (connection) throws(ShelfError) in
                    try part.compacted { (location) throws(ShelfError) in try connection.knownFile(id: location) }
                }
                let report = try PreviewRun.run(
                    files, PreviewRequest(), policies, store: store, client: client, quietly: true, cancellation
                ) { _, _ in true }
                if let warning = report.warning { Log.write(.warning, warning) }
                let failed = report.skipped.filter { $0.error.map { Self.passing.contains($0.code) } ?? false }
                guard !failed.isEmpty else { continue }
                let paths = Set(failed.map(\.path))
                left += try store.read { (connection) throws(ShelfError) -> [Int64] in
                    let maker = try RecordMaker(connection)
                    return files.filter { paths.contains(maker.path(of: $0)) }.map(\.id)
                }
                if failed.count == files.count { break }
            } catch {
                if error.code != .cancelled { Log.write(.warning, "previews could not be fetched: \(error)") }
                left += part
                break
            }
        }
        return left + locations[start...]
    }
}
