internal import Glibc

/// One entry of a folder, as the folder itself tells it.
public struct FolderEntry: Sendable {
    public let name: FilePath
    /// Nil when the entry vanished or leads nowhere. For a link: what it leads to.
    public let identity: FileIdentity?
    /// Why the entry, which is there, could not be looked at.
    public let problem: ShelfError?
    public let isLink: Bool
}

/// Lists a folder with one open and one `fstatat` for each entry that `wanted` asks for.
public enum FolderReader {
    /// What a name and the kind that the folder tells are enough to decide.
    public enum Interest { case skip, look }

    /// Entries in no particular order, without `.` and `..`.
    ///
    /// `wanted` is asked with each entry's name and whether the folder says it is a plain file (true), surely not one
    /// (false) or does not say (nil): a folder of previews and sidecars is passed over without a system call each.
    public static func entries(
        of path: FilePath, wanted: (FilePath, Bool?) -> Interest
    ) throws(ShelfError) -> [FolderEntry] {
        guard let stream = path.withCString({ opendir($0) }) else { throw .system(errno, "list it", path) }
        defer { closedir(stream) }
        let descriptor = dirfd(stream)
        var entries: [FolderEntry] = []
        while true {
            errno = 0
            guard let entry = readdir(stream) else { break }
            let type = Int32(entry.pointee.d_type)
            let capacity = Int(entry.pointee.d_reclen)
            let nameOffset = MemoryLayout<dirent>.offset(of: \dirent.d_name) ?? 0
            let name = UnsafeRawPointer(entry).advanced(by: nameOffset).assumingMemoryBound(to: CChar.self)
            let length = strnlen(name, capacity - nameOffset)
            let bytes = UnsafeRawBufferPointer(start: name, count: length)
            // "." and "..", and nothing else, are two names at most of dots alone.
            if length <= 2, bytes.allSatisfy({ $0 == UInt8(ascii: ".") }) { continue }
            let isFile: Bool? =
                switch type {
                case Int32(DT_REG): true
                case Int32(DT_UNKNOWN), Int32(DT_LNK): nil
                default: false
                }
            let entryName = FilePath(bytes: Array(bytes))
            guard wanted(entryName, isFile) == .look else { continue }
            var isLink = type == Int32(DT_LNK)
            if type == Int32(DT_UNKNOWN) {
                isLink = FileIdentity.of(name, in: descriptor, followLinks: false)?.kind == .link
            }
            let identity = FileIdentity.of(name, in: descriptor, followLinks: true)
            let problem = identity == nil ? lookProblem(errno, path.appending(entryName)) : nil
            entries.append(FolderEntry(name: entryName, identity: identity, problem: problem, isLink: isLink))
        }
        guard errno == 0 else { throw .system(errno, "list it", path) }
        return entries
    }
    /// What vanished meanwhile and links that lead nowhere or in a circle are no problems.
    private static func lookProblem(_ number: Int32, _ path: FilePath) -> ShelfError? {
        [ENOENT, ENOTDIR, ELOOP].contains(number) ? nil : .system(number, "look at it", path)
    }
}
