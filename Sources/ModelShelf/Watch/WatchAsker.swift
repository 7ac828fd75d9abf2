internal import ShelfBase
internal import ShelfStore

/// Asks Civitai about what was taken up, a burst at a time, on a thread of its own.
final class WatchAsker: Sendable {
    private struct Question: Sendable {
        let path: FilePath
        let location: Int64
    }

    private let lookup: LookupService
    private let store: Store
    private let post: WatchPost
    private let owner: ClaimOwner
    private let lull: Lull
    private let cancellation: Cancellation
    private let inbox = Mailbox<Question>()

    init(lookup: LookupService, post: WatchPost, lull: Lull, cancellation: Cancellation) {
        self.lookup = lookup
        store = lookup.store
        self.post = post
        self.lull = lull
        self.cancellation = cancellation
        owner = lookup.store.owner.distinct()
    }

    /// Asks about a file if it is due.
    func consider(_ path: FilePath, _ file: KnownFile) {
        guard file.stage == .hashed, file.remoteStatus != nil, file.remoteDue <= Clock.wallMilliseconds() else {
            return
        }
        inbox.post(Question(path: path, location: file.id))
    }

    func close() { inbox.close() }

    func run() {
        var timer = BurstTimer()
        var open: [Question] = []
        while !cancellation.isCancelled {
            let now = Clock.monotonicNanoseconds()
            let wait = timer.due.map { max(0, ($0 - now + 999_999) / 1_000_000) } ?? -1
            let arrived = inbox.receiveAll(milliseconds: wait)
            guard !cancellation.isCancelled else { return }
            if !arrived.isEmpty {
                open += arrived
                lull.set(.asker, isBusy: true)
                timer.arrive(now: Clock.monotonicNanoseconds())
            }
            guard let due = timer.due, due <= Clock.monotonicNanoseconds() else { continue }
            lull.set(.asker, isBusy: true)
            open = ask(open)
            lull.set(.asker, isBusy: false)
            timer.asked(isComplete: open.isEmpty, now: Clock.monotonicNanoseconds())
        }
    }

    /// Gives what has no answer yet.
    private func ask(_ questions: [Question]) -> [Question] {
        do throws(ShelfError) {
            let files = try load(questions)
            var lastBeat = Clock.monotonicNanoseconds()
            let outcome = try lookup.identify(files, refresh: false, owner, cancellation) { [self] _, _ in
                let now = Clock.monotonicNanoseconds()
                if now - lastBeat > 5_000_000_000 {
                    lastBeat = now
                    try? store.write { (connection) throws(ShelfError) in
                        try connection.renewClaims(owner, now: Clock.wallMilliseconds())
                    }
                }
                return !cancellation.isCancelled
            }
            for warning in outcome.warnings { Log.write(.warning, warning) }
            var left: [Question] = []
            for question in questions {
                guard let (file, _) = try post.tell(question.path) else { continue }
                if file.remoteStatus == "pending" { left.append(question) }
            }
            return left
        } catch {
            if error.code != .cancelled { Log.write(.warning, "Civitai was not asked about new files: \(error)") }
            return questions
        }
    }

    /// The files as they are now, without those whose digests must not be asked.
    private func load(_ questions: [Question]) throws(ShelfError) -> [KnownFile] {
        try store.read { (connection) throws(ShelfError) in
            let isAllowed = Dictionary(
                try connection.roots().map { ($0.id, $0.allowsLookup) }, uniquingKeysWith: { $1 })
            return try questions.compacted { (question) throws(ShelfError) in
                guard let file = try connection.knownFile(id: question.location), isAllowed[file.root] ?? true,
                    file.remoteStatus != nil
                else { return nil }
                return file
            }
        }
    }
}
