internal import ShelfBase

/// Lets the threads of a scan read one after another where a device bears one reader only.
///
/// A thread that waits for its turn hashes nothing meanwhile; on such devices it would only wait in the kernel.
final class DeviceTurns: Sendable {
    private final class Turn: Sendable {
        /// Of a value with a place: for an empty one Thread Sanitizer takes the head of the object.
        let lock = Locked(false)
        let isNeeded: Bool
        init(isNeeded: Bool) { self.isNeeded = isNeeded }
    }

    private let turns = Locked<[UInt64: Turn]>([:])
    private let kind: @Sendable (UInt64, FilePath) -> StorageKind

    init(kind: @escaping @Sendable (UInt64, FilePath) -> StorageKind = StorageKind.of) { self.kind = kind }

    /// Runs `body`, alone among those whose file lies on the same device, if that is slow.
    func take<Result>(
        _ device: UInt64, for path: FilePath, _ body: () throws(ShelfError) -> Result
    ) throws(ShelfError) -> Result {
        let turn = turn(device, path)
        guard turn.isNeeded else { return try body() }
        return try turn.lock.withLock { (_) throws(ShelfError) in try body() }
    }

    /// Whether files of a device are read one at a time.
    func isNeeded(_ device: UInt64, for path: FilePath) -> Bool { turn(device, path).isNeeded }

    private func turn(_ device: UInt64, _ path: FilePath) -> Turn {
        if let known = turns.withLock({ $0[device] }) { return known }
        let isNeeded = !kind(device, path).bearsSeveralReaders
        return turns.withLock { turns in
            if let known = turns[device] { return known }
            let made = Turn(isNeeded: isNeeded)
            turns[device] = made
            return made
        }
    }
}
