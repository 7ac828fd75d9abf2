internal import Synchronization

/// A flag that stops long work between two steps. Any thread may set it; it is never unset.
public final class Cancellation: Sendable {
    private let flag = Atomic<Bool>(false)

    private let whole: Cancellation?

    public init() { whole = nil }

    /// One for a part of some work: it is set with that of the whole, and may be set alone.
    public init(partOf whole: Cancellation) { self.whole = whole }

    public func cancel() { flag.store(true, ordering: .releasing) }

    public var isCancelled: Bool { flag.load(ordering: .acquiring) || whole?.isCancelled ?? false }

    /// Throws ``ErrorCode/cancelled`` once ``cancel()`` was called.
    public func check() throws(ShelfError) {
        guard !isCancelled else { throw ShelfError(.cancelled, "cancelled") }
    }
}
