internal import Glibc
internal import Synchronization

/// How many files all threads together hash side by side. A process may have so many open and no more (often 1024), and
/// the server that we live in needs them too; on many processors sixteen on each would be all of them.
final class OpenFileBudget: Sendable {
    /// A quarter of what the process may have open.
    static let shared = OpenFileBudget(limit: sysconf(Int32(_SC_OPEN_MAX)) / 4)

    let limit: Int
    private let taken = Atomic<Int>(0)

    init(limit: Int) { self.limit = max(1, limit) }

    /// Takes the place of one file if there is one; with `must` in any case, because nobody else would give one back.
    func take(must: Bool) -> Bool {
        if taken.add(1, ordering: .relaxed).oldValue < limit || must { return true }
        give()
        return false
    }

    func give() { taken.subtract(1, ordering: .relaxed) }
}
