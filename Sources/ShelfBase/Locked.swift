internal import Glibc

/// A value that one thread at a time may touch, usable in a forked child.
///
/// The standard library's `Mutex` is not: on Linux it remembers the number of the thread that called it, a child's
/// thread inherits the parent's number, and the first contended lock then ends the process. Python's
/// `multiprocessing` forks, so whatever may live on in a child is guarded by this.
public final class Locked<Value: Sendable>: @unchecked Sendable {
    // Sendable: `value` is touched between lock and unlock only.
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private var value: Value

    public init(_ value: Value) {
        self.value = value
        pthread_mutex_init(mutex, nil)
    }

    deinit {
        pthread_mutex_destroy(mutex)
        mutex.deallocate()
    }

    /// Runs `body` alone. It must be short, call nothing foreign and not come back here.
    public func withLock<Result, Failure: Error>(
        _ body: (inout Value) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return try body(&value)
    }
}
