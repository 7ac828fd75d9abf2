internal import Glibc

/// A plain mutual exclusion for values that are not `Sendable`, which the standard library's `Mutex` cannot hold across
/// a typed throw.
final class Lock: @unchecked Sendable {
    // Sendable: a POSIX mutex is made for use from any thread.
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)

    init() { pthread_mutex_init(mutex, nil) }

    deinit {
        pthread_mutex_destroy(mutex)
        mutex.deallocate()
    }

    func lock() { pthread_mutex_lock(mutex) }
    /// Whether it was had before a time of the system's clock.
    func lock(until: timespec) -> Bool {
        var until = until
        return pthread_mutex_timedlock(mutex, &until) == 0
    }
    func unlock() { pthread_mutex_unlock(mutex) }
}
