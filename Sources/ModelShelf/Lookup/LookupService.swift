internal import ShelfBase
internal import ShelfCivitai
internal import ShelfStore

/// Asks Civitai about contents and writes down what it says. Questions are claimed, so that each is asked once however
/// many processes share the store.
final class LookupService: Sendable {
    struct Outcome {
        var requests = 0
        var warnings: [String] = []
        /// Whether answers may have been written down since the files were loaded, here or by another process.
        var didAsk = false
    }

    let store: Store
    let client: CivitaiClient

    init(store: Store, client: CivitaiClient) {
        self.store = store
        self.client = client
    }

    /// Looks up the contents of `files` that are due, but for those whose digests must stay here. `progress` gets contents done and in all; false cancels.
    ///
    /// An outage is a warning and leaves the contents pending; only cancellation and a broken store are errors.
    func identify(
        _ files: [KnownFile], refresh: Bool, _ policies: Policies, _ owner: ClaimOwner, _ cancellation: Cancellation,
        progress: @escaping (Int, Int) -> Bool
    ) throws(ShelfError) -> Outcome {
        var outcome = Outcome()
        let now = Clock.wallMilliseconds()
        var seen: Set<Int64> = []
        var due = files.filter { file in
            let isDue = file.remoteDue <= now || (refresh && file.remoteStatus != "not_found")
            return isDue && seen.insert(file.content).inserted
        }.map(\.content)
        due = try dropPrivate(due, policies)
        guard !due.isEmpty else { return outcome }
        // Also when nothing is left to ask by now: then another process has just been answered.
        outcome.didAsk = true
        let requestsBefore = client.requestCount
        let total = due.count
        var failure: ShelfError?
        while !due.isEmpty {
            try cancellation.check()
            let claimed = try claim(due, refresh: refresh, owner)
            if !claimed.isEmpty {
                let asking = LookupRound(store: store, client: client, cancellation: cancellation)
                failure = try asking.run(claimed) { progress($0, total) } ?? failure
            }
            let mine = Set(claimed.map(\.content))
            let (taken, free) = try others(due.filter { !mine.contains($0) })
            // What others gave up is not tried again here after a failure: the service is down for us as well.
            due = taken + (failure == nil && !refresh ? free : [])
            guard !due.isEmpty else { break }
            if free.isEmpty {
                Clock.sleep(milliseconds: 50)
                guard progress(total - due.count, total) else { throw ShelfError(.cancelled, "cancelled") }
            }
        }
        if let failure {
            outcome.warnings.append("Civitai could not be asked about everything: \(failure). The next scan goes on.")
        }
        outcome.requests = client.requestCount - requestsBefore
        return outcome
    }

    private func dropPrivate(_ contents: [Int64], _ policies: Policies) throws(ShelfError) -> [Int64] {
        guard policies.hasPrivateRoots, !contents.isEmpty else { return contents }
        return try store.read { (connection) throws(ShelfError) in
            try contents.selected { (content) throws(ShelfError) in
                try !policies.isPrivate(content: content, connection)
            }
        }
    }

    private func claim(_ contents: [Int64], refresh: Bool, _ owner: ClaimOwner) throws(ShelfError) -> [LookupWork] {
        try store.write { (connection) throws(ShelfError) in
            let now = Clock.wallMilliseconds()
            return try contents.compacted { (content) throws(ShelfError) in
                try connection.claimLookup(content: content, refresh: refresh, owner, now: now)
            }
        }
    }

    /// Of contents that were not ours to ask: those that somebody asks about now, and those that are due and free.
    private func others(_ contents: [Int64]) throws(ShelfError) -> (taken: [Int64], free: [Int64]) {
        guard !contents.isEmpty else { return ([], []) }
        try store.write { (connection) throws(ShelfError) in try connection.releaseClaimsOfTheDead() }
        return try store.read { (connection) throws(ShelfError) in
            var taken: [Int64] = []
            var free: [Int64] = []
            let now = Clock.wallMilliseconds()
            for content in contents {
                if try connection.lookupIsClaimed(content: content, now: now) {
                    taken.append(content)
                } else if try connection.remoteStatus(content: content) == .pending {
                    free.append(content)
                }
            }
            return (taken, free)
        }
    }
}
