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

    mutating func leave(_ cookie: UInt32, _ path: FilePath, isFolder: Bool, now: Int64) {
        left[cookie] = (Half(path: path, isFolder: isFolder), now + Self.window)
    }

    /// Where what arrived came from; nil when it came from outside.
    mutating func arrive(_ cookie: UInt32) -> Half? { left.removeValue(forKey: cookie)?.half }

    var nextDeadline: Int64? { left.values.lazy.map(\.due).min() }

    /// What left for good.
    mutating func expired(now: Int64) -> [Half] {
        let due = left.filter { $0.value.due <= now }
        for cookie in due.keys { left[cookie] = nil }
        return due.values.map(\.half)
    }
}
