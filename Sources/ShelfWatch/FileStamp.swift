internal import ShelfBase

/// What tells that a file is still the one that was taken up. A new name or mode alone does not change it.
public struct FileStamp: Hashable, Sendable {
    /// Bytes.
    public var size: Int64
    /// Nanoseconds since 1970.
    public var modified: Int64
    public var inode: UInt64

    public init(size: Int64, modified: Int64, inode: UInt64) {
        self.size = size
        self.modified = modified
        self.inode = inode
    }

    init(_ identity: FileIdentity) {
        self.init(size: identity.size, modified: identity.modified, inode: identity.inode)
    }
}
