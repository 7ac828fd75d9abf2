internal import Glibc

/// A value that one thread at a time may touch, and whose changes other threads wait for.
///
/// Built on a POSIX mutex and condition because the standard library's `Mutex` has no condition to wait on.
public final class Monitor<Value: Sendable>: @unchecked Sendable {
    // Sendable: `value` is touched between lock and unlock only.
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let changed = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private var value: Value

    public init(_ value: Value) {
        self.value = value
        pthread_mutex_init(mutex, nil)
        pthread_cond_init(changed, nil)
    }

    deinit {
        pthread_cond_destroy(changed)
        pthread_mutex_destroy(mutex)
        changed.deallocate()
        mutex.deallocate()
    }

    /// Runs `body` alone, then has everybody who waits look again. It must be short, call nothing foreign and not come
    /// back here.
    public func change<Result>(_ body: (inout Value) -> Result) -> Result {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        let result = body(&value)
        pthread_cond_broadcast(changed)
        return result
    }

    /// Runs `body` alone, and again after every change until it gives something. What it changes itself must be of no
    /// use to others who wait. The same is asked of it as of the body of ``change(_:)``.
    public func wait<Result>(_ body: (inout Value) -> Result?) -> Result {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        while true {
            if let result = body(&value) { return result }
            pthread_cond_wait(changed, mutex)
        }
    }
}
