internal import ShelfBase

/// Files that went away, held for a moment: they may come back under the same name, or turn up under another.
struct Departures {
    private struct Departure {
        let size: Int64
        let last: Int64
        var due: Int64
    }

    /// Nanoseconds.
    static let grace: Int64 = 500_000_000
    /// For how long a file of the same size that is still settling is waited for.
    static let longestGrace: Int64 = 20_000_000_000

    private var departures: [FilePath: Departure] = [:]

    var isEmpty: Bool { departures.isEmpty }

    mutating func note(_ path: FilePath, size: Int64, now: Int64) {
        guard departures[path] == nil else { return }
        departures[path] = Departure(size: size, last: now + Self.longestGrace, due: now + Self.grace)
    }

    /// The file is there again, or was found elsewhere.
    mutating func cancel(_ path: FilePath) { departures[path] = nil }

    mutating func cancel(below folder: FilePath) {
        for path in departures.keys where path.relative(to: folder) != nil { departures[path] = nil }
    }

    var nextDeadline: Int64? { departures.values.lazy.map(\.due).min() }

    /// Files that are gone for good. `isAwaited` is asked with a size: may such a file be on its way in?
    mutating func due(now: Int64, isAwaited: (Int64) -> Bool) -> [FilePath] {
        var gone: [FilePath] = []
        for (path, departure) in departures where departure.due <= now {
            if now < departure.last, isAwaited(departure.size) {
                departures[path]?.due = now + Self.grace
            } else {
                gone.append(path)
            }
        }
        for path in gone { departures[path] = nil }
        return gone
    }
}
