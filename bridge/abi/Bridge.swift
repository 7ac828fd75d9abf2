internal import Glibc
internal import ModelShelf
internal import ShelfBase

/// What this process has given to C.
final class Bridge: Sendable {
    let handles: HandleTable
    let messages: MessageQueue
    private let epoch: UInt
    /// Handles of each open shelf: the last to go closes it.
    private let users = Locked<[ObjectIdentifier: Int]>([:])

    private init(epoch: UInt, parent: Bridge? = nil) {
        self.epoch = epoch
        messages = MessageQueue(parent: parent?.messages)
        handles = HandleTable(epoch: epoch)
    }

    // Safe without a lock: written once before any use, and then only in a child of `fork` by its only thread.
    nonisolated(unsafe) private static var instance = start()

    static var current: Bridge { instance }

    /// A child begins with an empty table, because a lock may be held by a thread that it does not have. What the
    /// parent had is never ended there: the child must not touch its database.
    private static func start() -> Bridge {
        pthread_atfork(nil, nil) {
            _ = Unmanaged.passRetained(Bridge.instance)
            Bridge.instance = Bridge(epoch: Bridge.instance.epoch &+ 1, parent: Bridge.instance)
        }
        return Bridge(epoch: 1)
    }

    func open(_ database: FilePath?, offline: Bool?) throws(ShelfError) -> OpaquePointer {
        // Under the lock, so that a shelf cannot be closed between being found open and being counted.
        try users.withLock { (users) throws(ShelfError) -> OpaquePointer in
            let shelf = try Shelf.open(database: database, offline: offline)
            let handle = try handles.add(.shelf(shelf))
            users[ObjectIdentifier(shelf), default: 0] += 1
            return handle
        }
    }

    func close(_ handle: OpaquePointer?) {
        let removed = handles.remove(handle) { if case .shelf = $0 { true } else { false } }
        guard case .shelf(let shelf)? = removed else { return }
        users.withLock { users in
            let left = (users[ObjectIdentifier(shelf)] ?? 1) - 1
            users[ObjectIdentifier(shelf)] = left > 0 ? left : nil
            if left <= 0 { shelf.close() }
        }
    }
}
