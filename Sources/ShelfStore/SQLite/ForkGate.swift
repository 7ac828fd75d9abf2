internal import Glibc

/// Lets `fork` happen only while no thread is inside SQLite.
///
/// SQLite has locks of its own for the whole process. One that another thread held at the fork would never be let go
/// in the child, and the first store that the child opens would wait for ever. The child also lets go of the parent's
/// connections, as SQLite would take the parent's locks on the file for the child's. A fork waits at most two seconds for
/// the other threads; a thread may be waiting itself, for another process or for the one that forks.
enum ForkGate {
    /// Held while a connection is opened or closed.
    static let opening = Lock()
    /// Guards what follows, and is held from before a fork to after it.
    private static let registry = Lock()
    // Safe: touched under `registry` only.
    nonisolated(unsafe) private static var members: [Member] = []
    nonisolated(unsafe) private static var held: [Member] = []
    nonisolated(unsafe) private static var heldOpening = false
    private static let patience = 2

    private struct Member {
        let lock: Lock
        /// Not retained: its owner calls ``remove(_:)`` first.
        let connection: Unmanaged<Connection>
    }

    private static let installed: Void = {
        pthread_atfork(
            { ForkGate.close() }, { ForkGate.reopen(leaving: false) }, { ForkGate.reopen(leaving: true) })
        return
    }()

    /// A lock under which a connection is used.
    static func add(_ lock: Lock, _ connection: Connection) {
        _ = installed
        registry.lock()
        members.append(Member(lock: lock, connection: Unmanaged.passUnretained(connection)))
        registry.unlock()
    }

    static func remove(_ lock: Lock) {
        registry.lock()
        members.removeAll { $0.lock === lock }
        registry.unlock()
    }

    private static func close() {
        registry.lock()
        var until = timespec()
        clock_gettime(CLOCK_REALTIME, &until)
        until.tv_sec += patience
        heldOpening = opening.lock(until: until)
        held = members.filter { $0.lock.lock(until: until) }
    }

    /// In the parent, and in the child by its only thread, which is the one that took the locks.
    private static func reopen(leaving: Bool) {
        for member in held {
            if leaving && heldOpening { member.connection._withUnsafeGuaranteedRef { $0.leave() } }
            member.lock.unlock()
        }
        if leaving { members = [] }
        held = []
        if heldOpening { opening.unlock() }
        registry.unlock()
    }
}
