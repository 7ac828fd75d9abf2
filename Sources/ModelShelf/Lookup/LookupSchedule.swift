internal import ShelfStore

/// When a question is asked again (milliseconds).
enum LookupSchedule {
    private static let day: Int64 = 86_400_000
    /// Days until a model that was not found is asked for again: longer each time, in case it is published later.
    private static let notFoundDays: [Int64] = [1, 3, 7, 30]
    private static let foundDays: Int64 = 7

    /// When the details of a match are asked for again that the service named but did not show.
    static func dueForDetails(now: Int64) -> Int64 { now + day }

    /// - Parameter attempts: how often the same answer was given before.
    static func due(_ status: RemoteRecord.Status, attempts: Int64, now: Int64) -> Int64 {
        switch status {
        case .pending: return 0
        case .found, .ambiguous: return now + foundDays * day
        case .notFound, .gone:
            let index = min(max(0, Int(clamping: attempts)), notFoundDays.count - 1)
            return now + notFoundDays[index] * day
        }
    }
}
