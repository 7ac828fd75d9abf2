internal import ShelfBase

/// Brings together the two halves of a rename, which the kernel reports apart under one cookie.
struct MovePairs {
    struct Half: Equatable {
        let path: FilePath
        let isFolder: Bool
    }

    /// The halves follow each other closely; what is alone after this long left the watched folders (nanoseconds).
    static let window: Int64 = 100_000_000

    private var left: [UInt32: (half: Half, due: Int64)] = [:]
    private var cookies: [FilePath: UInt32] = [:]

    mutating func leave(_ cookie: UInt32, _ path: FilePath, isFolder: Bool, now: Int64) {
        left[cookie] = (Half(path: path, isFolder: isFolder), now + Self.window)
        cookies[path] = cookie
    }

    /// Where what arrived came from; nil when it came from outside.
    mutating func arrive(_ cookie: UInt32) -> Half? {
        guard let half = left.removeValue(forKey: cookie)?.half else { return nil }
        if cookies[half.path] == cookie { cookies[half.path] = nil }
        return half
    }

    /// What left a path at which something else is now: the other half would have been reported before that.
    mutating func replaced(_ path: FilePath) -> Half? {
        cookies[path].flatMap { arrive($0) }
    }

    var nextDeadline: Int64? { left.values.lazy.map(\.due).min() }

    /// What left for good.
    mutating func expired(now: Int64) -> [Half] {
        let due = left.filter { $0.value.due <= now }
        return due.keys.compactMap { arrive($0) }
    }
}
