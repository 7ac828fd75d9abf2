internal import ShelfBase

/// A folder that was asked to be watched, and whether it is there.
struct WatchedRoot {
    /// Absolute, as it was named.
    let given: FilePath
    /// Links resolved; nil while it is not there.
    private(set) var place: FilePath?
    /// The folder that was there when it was last seen with files in it.
    private var node: Node?

    private struct Node: Equatable {
        let device: UInt64
        let inode: UInt64

        init?(_ path: FilePath) {
            guard case .success(let identity) = FileIdentity.of(path), identity.kind == .folder else { return nil }
            device = identity.device
            inode = identity.inode
        }
    }

    init(_ given: FilePath) { self.given = given }

    /// Looks for it; true when it has come.
    mutating func appear() -> Bool {
        guard place == nil, let resolved = Paths.resolved(given), let node = Node(resolved) else { return false }
        place = resolved
        if self.node == nil { self.node = node }
        return true
    }

    mutating func vanish() { place = nil }

    var isThere: Bool { place.flatMap { Node($0) } != nil }

    /// Whether another folder stands there than before: an empty mount point shows when its disk is unplugged.
    var isReplaced: Bool { place.flatMap { Node($0) } != node }

    /// The folder that is there now is the right one.
    mutating func accept() { node = place.flatMap { Node($0) } }
}
