internal import Synchronization

/// A flag that stops long work between two steps. Any thread may set it; it is never unset.
public final class Cancellation: Sendable {
    private let flag = Atomic<Bool>(false)

    public init() {}

    public func cancel() { flag.store(true, ordering: .releasing) }

    public var isCancelled: Bool { flag.load(ordering: .acquiring) }

    /// Throws ``ErrorCode/cancelled`` once ``cancel()`` was called.
    public func check() throws(ShelfError) {
        guard !isCancelled else { throw ShelfError(.cancelled, "cancelled") }
    }
}
