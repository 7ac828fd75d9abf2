internal import CSystem
internal import Glibc
internal import ShelfBase

/// The name of a sidecar, which other programs give to texts of theirs at any moment.
///
/// Between looking at a file and renaming another one over it, somebody's text may come and be lost. So the two files
/// take each other's name, and what had it is looked at afterwards.
struct SidecarName {
    private let path: FilePath

    init(_ path: FilePath) { self.path = path }

    /// Gives the name to `fresh`, a new file beside it; false when another program has written meanwhile, whose text
    /// has the name then.
    func take(_ fresh: FilePath, insteadOf earlier: FileIdentity?) throws(ShelfError) -> Bool {
        guard let earlier else {
            if call(shelf_rename_exclusively, fresh) == 0 { return true }
            guard errno == EEXIST else { throw SidecarWriter.failure(errno, path) }
            return false
        }
        guard case .success(let mine) = FileIdentity.of(fresh, followLinks: false) else {
            throw SidecarWriter.failure(errno, path)
        }
        guard call(shelf_exchange, fresh) == 0 else {
            switch errno {
            case ENOENT: return false
            case EINVAL, ENOSYS, ENOTSUP: return try overwrite(fresh)
            default: throw SidecarWriter.failure(errno, path)
            }
        }
        if Self.holds(fresh, earlier) {
            _ = fresh.withCString { unlink($0) }
            return true
        }
        // Theirs gets its name back. What was written in place of ours even after that is newer still.
        _ = call(shelf_exchange, fresh)
        if !Self.holds(fresh, mine) { _ = call(shelf_exchange, fresh) }
        return false
    }

    /// On file systems that know no better. The moment between the last look and this is short.
    private func overwrite(_ fresh: FilePath) throws(ShelfError) -> Bool {
        guard call(rename, fresh) == 0 else { throw SidecarWriter.failure(errno, path) }
        return true
    }

    /// A renamed file keeps all but the time of its last change of any kind.
    private static func holds(_ path: FilePath, _ earlier: FileIdentity) -> Bool {
        guard case .success(let now) = FileIdentity.of(path, followLinks: false) else { return false }
        return now.inode == earlier.inode && now.size == earlier.size && now.modified == earlier.modified
    }

    private func call(
        _ function: (UnsafePointer<CChar>, UnsafePointer<CChar>) -> Int32, _ fresh: FilePath
    ) -> Int32 {
        fresh.withCString { from in path.withCString { function(from, $0) } }
    }
}
