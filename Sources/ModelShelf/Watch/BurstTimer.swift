/// When a burst of arrivals is asked about: once they pause, or after the longest wait. Times are nanoseconds.
struct BurstTimer {
    static let pause: Int64 = 250_000_000
    static let longestWait: Int64 = 2_000_000_000
    private static let firstRetry: Int64 = 30_000_000_000
    private static let longestRetry: Int64 = 600_000_000_000

    private var first: Int64?
    private var last: Int64 = 0
    private var retry: Int64?
    private var retryPause: Int64 = firstRetry

    mutating func arrive(now: Int64) {
        first = first ?? now
        last = now
    }

    /// When to ask; nil while there is nothing to ask.
    var due: Int64? {
        let burst = first.map { min(last + Self.pause, $0 + Self.longestWait) }
        guard let burst else { return retry }
        return retry.map { min($0, burst) } ?? burst
    }

    /// The question was asked. What was left unanswered is asked again later and later.
    mutating func asked(isComplete: Bool, now: Int64) {
        first = nil
        if isComplete {
            retry = nil
            retryPause = Self.firstRetry
        } else {
            retry = now + retryPause
            retryPause = min(retryPause * 2, Self.longestRetry)
        }
    }
}
