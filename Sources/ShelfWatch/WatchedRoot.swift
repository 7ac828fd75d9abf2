internal import Glibc
internal import ShelfBase

/// A folder that was asked to be watched, and whether it is there.
struct WatchedRoot {
    /// Absolute, as it was named.
    let given: FilePath
    /// Links resolved; nil while it is not there.
    private(set) var place: FilePath?
    /// The folder that was there when it was last seen with files in it.
    private var node: Node?

    /// Which folder stands at a path.
    struct Node: Equatable {
        let device: UInt64
        let inode: UInt64

        fileprivate init?(_ path: FilePath) {
            guard case .success(let identity) = FileIdentity.of(path), identity.kind == .folder else { return nil }
            device = identity.device
            inode = identity.inode
        }
    }

    init(_ given: FilePath) { self.given = given }

    /// Looks for it; true when it has come and can be listed.
    mutating func appear() -> Bool {
        guard place == nil, let resolved = Paths.resolved(given), let node = Node(resolved), Self.isReadable(resolved)
        else { return false }
        place = resolved
        if self.node == nil { self.node = node }
        return true
    }

    mutating func vanish() { place = nil }

    /// False also when the root is a link that leads elsewhere now.
    var isThere: Bool { place.map { Node($0) != nil && Paths.resolved(given) == $0 } ?? false }

    private static func isReadable(_ folder: FilePath) -> Bool {
        let descriptor = folder.withCString { open($0, O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
        guard descriptor >= 0 else { return false }
        close(descriptor)
        return true
    }

    /// What stands there now; nil when nothing does.
    var standing: Node? { place.flatMap { Node($0) } }

    /// Whether another folder stands there than before: an empty mount point shows when its disk is unplugged.
    var isReplaced: Bool { standing != node }

    /// The folder that was there is the right one.
    mutating func accept(_ standing: Node?) { node = standing }
}
