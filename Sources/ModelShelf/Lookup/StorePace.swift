internal import ShelfBase
internal import ShelfCivitai
internal import ShelfStore

/// Keeps every process that shares a store to one pace: a wait that one was told holds for all.
struct StorePace: PaceSharing {
    let store: Store

    func notBefore(host: String) -> Int64? {
        guard store.isOwnProcess else { return nil }
        // A store that cannot be read just now must not stop a request; the next one asks again.
        return try? store.read { (connection) throws(ShelfError) in try connection.notBefore(host: host) }
    }

    func publish(host: String, notBefore: Int64) {
        guard store.isOwnProcess else { return }
        do throws(ShelfError) {
            try store.write { (connection) throws(ShelfError) in
                try connection.setNotBefore(host: host, notBefore)
            }
        } catch {
            Log.write(.warning, "other processes do not learn that \(host) asks to wait: \(error)")
        }
    }
}
