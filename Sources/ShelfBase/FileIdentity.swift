internal import Glibc

/// What `stat` says of a file: enough to tell that it is the file it was, without reading it.
public struct FileIdentity: Hashable, Sendable {
    public enum Kind: Sendable { case file, folder, link, other }

    public var kind: Kind
    public var device: UInt64
    public var inode: UInt64
    /// Bytes.
    public var size: Int64
    /// Nanoseconds since 1970.
    public var modified: Int64
    /// Nanoseconds since 1970: the last change of content, name, owner or mode.
    public var changed: Int64

    init(_ status: stat) {
        switch status.st_mode & S_IFMT {
        case S_IFREG: kind = .file
        case S_IFDIR: kind = .folder
        case S_IFLNK: kind = .link
        default: kind = .other
        }
        device = UInt64(status.st_dev)
        inode = UInt64(status.st_ino)
        size = Int64(status.st_size)
        modified = FileIdentity.nanoseconds(status.st_mtim)
        changed = FileIdentity.nanoseconds(status.st_ctim)
    }

    /// A foreign file system may report any second; times that do not fit are cut to the range instead of trapping.
    private static func nanoseconds(_ time: timespec) -> Int64 {
        let (product, overflow) = Int64(time.tv_sec).multipliedReportingOverflow(by: 1_000_000_000)
        let (sum, overflowAgain) = product.addingReportingOverflow(Int64(time.tv_nsec))
        guard !overflow, !overflowAgain else { return time.tv_sec < 0 ? .min : .max }
        return sum
    }

    /// The identity of what a path leads to, links followed (or of the link itself); nil with `errno` when there is
    /// nothing or it may not be seen.
    public static func of(_ path: FilePath, followLinks: Bool = true) -> Result<FileIdentity, ShelfError> {
        var status = stat()
        let code = path.withCString { followLinks ? stat($0, &status) : lstat($0, &status) }
        guard code == 0 else { return .failure(.system(errno, "look at it", path)) }
        return .success(FileIdentity(status))
    }

    /// The same for an entry of an open folder.
    static func of(_ name: UnsafePointer<CChar>, in folder: Int32, followLinks: Bool) -> FileIdentity? {
        var status = stat()
        guard fstatat(folder, name, &status, followLinks ? 0 : AT_SYMLINK_NOFOLLOW) == 0 else { return nil }
        return FileIdentity(status)
    }

    package static func of(descriptor: Int32) -> FileIdentity? {
        var status = stat()
        return fstat(descriptor, &status) == 0 ? FileIdentity(status) : nil
    }

    /// Written less than two seconds before `now` (nanoseconds since 1970): a second write could still hide within the
    /// grain of the clock. Times may be anything, so the sum is made of `now`.
    public func isModified(justBefore now: Int64) -> Bool { modified > now - 2_000_000_000 }

    /// Same inode, size and times: the bytes that were read belong to the file that is there.
    public func isUntouched(since earlier: FileIdentity) -> Bool {
        inode == earlier.inode && size == earlier.size && modified == earlier.modified && changed == earlier.changed
    }
}
