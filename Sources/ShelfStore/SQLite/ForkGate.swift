internal import Glibc

/// Lets `fork` happen only while no thread is inside SQLite.
///
/// SQLite has locks of its own for the whole process. One that another thread held at the fork would never be let go
/// in the child, and the first store that the child opens would wait for ever. A fork waits at most two seconds for
/// the other threads; a thread may be waiting itself, for another process or for the one that forks.
enum ForkGate {
    /// Held while a connection is opened or closed.
    static let opening = Lock()
    /// Guards the two lists, and is held from before a fork to after it.
    private static let registry = Lock()
    // Safe: touched under `registry` only.
    nonisolated(unsafe) private static var locks: [Lock] = []
    nonisolated(unsafe) private static var held: [Lock] = []
    private static let patience = 2

    private static let installed: Void = {
        pthread_atfork(
            { ForkGate.close() }, { ForkGate.reopen() }, { ForkGate.reopen() })
        return
    }()

    /// A lock under which a connection is used.
    static func add(_ lock: Lock) {
        _ = installed
        registry.lock()
        locks.append(lock)
        registry.unlock()
    }

    static func remove(_ lock: Lock) {
        registry.lock()
        locks.removeAll { $0 === lock }
        registry.unlock()
    }

    private static func close() {
        registry.lock()
        var until = timespec()
        clock_gettime(CLOCK_REALTIME, &until)
        until.tv_sec += patience
        held = ([opening] + locks).filter { $0.lock(until: until) }
    }

    /// In the parent, and in the child by its only thread, which is the one that took the locks.
    private static func reopen() {
        for lock in held.reversed() { lock.unlock() }
        held = []
        registry.unlock()
    }
}
