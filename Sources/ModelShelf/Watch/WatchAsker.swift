internal import ShelfBase
internal import ShelfStore

/// Asks Civitai about what was taken up, a burst at a time, on a thread of its own.
final class WatchAsker: Sendable {
    private struct Question: Sendable {
        let path: FilePath
        let location: Int64
    }

    private let shelf: Shelf
    private let lookup: LookupService
    private let store: Store
    private let post: WatchPost
    private let owner: ClaimOwner
    private let lull: Lull
    private let cancellation: Cancellation
    private let inbox = Mailbox<Question>()

    /// What the caller of the watch wants.
    private let wishes: RootSettings

    init(_ shelf: Shelf, wishes: RootSettings, post: WatchPost, lull: Lull, cancellation: Cancellation) {
        self.shelf = shelf
        self.wishes = wishes
        lookup = shelf.lookups
        store = shelf.store
        self.post = post
        self.lull = lull
        self.cancellation = cancellation
        owner = shelf.store.owner.distinct()
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
            // As it is said now: a root may have been made private since the watch began.
            let policies = try shelf.policies(wishes)
            let files = try load(questions, policies)
            var lastBeat = Clock.monotonicNanoseconds()
            let outcome = try lookup.identify(files, refresh: false, policies, owner, cancellation) { [self] _, _ in
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
                let isOpen = file.remoteStatus == "pending" && policies.asks(about: question.path)
                guard isOpen, try !isPrivate(file, policies) else { continue }
                left.append(question)
            }
            return left
        } catch {
            if error.code != .cancelled { Log.write(.warning, "Civitai was not asked about new files: \(error)") }
            return questions
        }
    }

    /// The files as they are now, without those whose digests must not be asked.
    private func load(_ questions: [Question], _ policies: Policies) throws(ShelfError) -> [KnownFile] {
        try store.read { (connection) throws(ShelfError) in
            try questions.compacted { (question) throws(ShelfError) in
                guard policies.asks(about: question.path),
                    let file = try connection.knownFile(id: question.location), file.remoteStatus != nil
                else { return nil }
                return file
            }
        }
    }

    private func isPrivate(_ file: KnownFile, _ policies: Policies) throws(ShelfError) -> Bool {
        try store.read { (connection) throws(ShelfError) in
            try policies.isPrivate(content: file.content, connection)
        }
    }
}
