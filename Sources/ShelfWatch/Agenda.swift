/// When folders are looked through as a whole. Times are arguments (nanoseconds).
struct Agenda {
    /// What a look through the folders is for.
    enum Item: Hashable {
        /// Folders on file systems that do not report everything.
        case poll
        /// Everything, to catch what was missed.
        case reconcile
        /// Everything, once, a moment after reports that leave something open: folders that went elsewhere, names that
        /// were gone before anybody could look at them.
        case recheck
        /// Folders that were not there.
        case absent
    }

    let pollInterval: Int64
    let reconcileInterval: Int64
    let absentInterval: Int64 = 2_000_000_000

    private var due: [Item: Int64] = [:]
    /// Pauses that slow listings ask for.
    private var pauses: [Item: Int64] = [:]
    private static let recheckInterval: Int64 = 1_000_000_000

    init(pollInterval: Int64, reconcileInterval: Int64) {
        self.pollInterval = pollInterval
        self.reconcileInterval = reconcileInterval
    }

    var nextDeadline: Int64? { due.values.min() }

    func isDue(_ item: Item, now: Int64) -> Bool { due[item].map { $0 <= now } ?? false }

    /// Puts an item on, unless it is; nothing fires for what is not on.
    mutating func require(_ item: Item, now: Int64) {
        if due[item] == nil { due[item] = now + max(interval(item), pauses[item] ?? 0) }
    }

    mutating func drop(_ item: Item) { due[item] = nil }

    /// As soon as possible.
    mutating func hasten(_ item: Item, now: Int64) { due[item] = now }

    /// After it was done, which took `duration`: a folder that is slow to list is listed less often.
    mutating func done(_ item: Item, now: Int64, duration: Int64 = 0) {
        pauses[item] = 10 * duration
        due[item] = now + max(interval(item), 10 * duration)
    }

    private func interval(_ item: Item) -> Int64 {
        switch item {
        case .poll: pollInterval
        case .reconcile: reconcileInterval
        case .recheck: Self.recheckInterval
        case .absent: absentInterval
        }
    }
}
