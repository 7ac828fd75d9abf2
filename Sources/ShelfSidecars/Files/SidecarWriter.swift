internal import Glibc
public import ShelfBase

/// Replaces a sidecar in one step: whoever reads it, and whenever the machine stops, it is the old or the new one.
public enum SidecarWriter {
    private static let prefix = Array(".modelshelf-".utf8)
    private static let ending = Array(".tmp".utf8)
    private static let count = Locked(0)
    /// Folders that this process has cleaned.
    private static let cleaned = Locked<Set<FilePath>>([])

    /// Writes `bytes` beside the sidecar, to the disk, and gives them its name. The rights of an earlier file are kept.
    ///
    /// - Parameters:
    ///   - earlier: the file that the new text was made from; nil when there was none.
    ///   - lock: of the folder; left-overs of writers that were killed are removed under it.
    /// - Returns: the new file, or nil when another program has written the sidecar meanwhile: read it again.
    public static func replace(
        _ path: FilePath, with bytes: [UInt8], earlier: FileIdentity?, lock: FolderLock
    ) throws(ShelfError) -> FileIdentity? {
        let folder = path.parent
        if lock.isHeld { clean(folder) }
        var old = stat()
        let isThere = path.withCString { lstat($0, &old) } == 0
        if isThere, old.st_mode & S_IFMT != S_IFREG {
            throw ShelfError(
                .unreadable, "the sidecar is a link, a folder or a device, which is not written to", path: path,
                hint: "move it away; modelshelf then writes a file there")
        }
        let number = count.withLock { count in
            count += 1
            return count
        }
        let unique = Hex.encode((0..<6).map { _ in UInt8.random(in: 0...255) })
        let name = prefix + Array("\(getpid())-\(number)-\(unique)".utf8) + ending
        let fresh = folder.appending(FilePath(bytes: name))
        let descriptor = fresh.withCString {
            open($0, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o666)
        }
        guard descriptor >= 0 else { throw failure(errno, path) }
        defer { close(descriptor) }
        do throws(ShelfError) {
            if isThere { keepRights(of: old, descriptor) }
            try write(bytes, descriptor, path)
            guard fsync(descriptor) == 0 || errno == EINVAL else { throw failure(errno, path) }
            guard isUnchanged(path, since: earlier) else {
                remove(fresh)
                return nil
            }
            guard try SidecarName(path).take(fresh, insteadOf: earlier) else {
                remove(fresh)
                return nil
            }
        } catch {
            remove(fresh)
            throw error
        }
        sync(folder: folder)
        // Of the file that was written, whoever may have put another one in its place by now.
        guard let written = FileIdentity.of(descriptor: descriptor) else { throw .system(errno, "look at it", path) }
        return written
    }

    /// Removes a sidecar; false when there is none.
    public static func delete(_ path: FilePath) throws(ShelfError) -> Bool {
        guard path.withCString({ unlink($0) }) == 0 else {
            if errno == ENOENT || errno == ENOTDIR { return false }
            throw failure(errno, path)
        }
        sync(folder: path.parent)
        return true
    }

    private static func isUnchanged(_ path: FilePath, since earlier: FileIdentity?) -> Bool {
        switch (FileIdentity.of(path, followLinks: false), earlier) {
        case (.success(let now), let earlier?): now.isUntouched(since: earlier)
        case (.failure(let error), nil): error.code == .notFound
        default: false
        }
    }

    /// Mode and, for the superuser, owner: a server that runs as another user must still be able to write it.
    private static func keepRights(of old: stat, _ descriptor: Int32) {
        var mine = stat()
        if fstat(descriptor, &mine) == 0, mine.st_uid != old.st_uid || mine.st_gid != old.st_gid {
            _ = fchown(descriptor, old.st_uid, old.st_gid)
        }
        _ = fchmod(descriptor, old.st_mode & 0o777)
    }

    private static func write(_ bytes: [UInt8], _ descriptor: Int32, _ path: FilePath) throws(ShelfError) {
        var offset = 0
        while offset < bytes.count {
            let written = bytes[offset...].withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            guard written > 0 || (written < 0 && errno == EINTR) else {
                throw failure(written == 0 ? ENOSPC : errno, path)
            }
            offset += max(0, written)
        }
    }

    private static func sync(folder: FilePath) {
        let place = folder.isEmpty ? FilePath(".") : folder
        let descriptor = place.withCString { open($0, O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
        guard descriptor >= 0 else { return }
        fsync(descriptor)
        close(descriptor)
    }

    /// Removes what killed writers left in a folder, once in each process. Under the lock nobody else is writing.
    private static func clean(_ folder: FilePath) {
        let place = Paths.absolute(folder.isEmpty ? FilePath(".") : folder)
        guard cleaned.withLock({ $0.insert(place).inserted }) else { return }
        let entries = try? FolderReader.entries(of: place) { name, _ in
            name.bytes.starts(with: prefix) && name.bytes.suffix(ending.count).elementsEqual(ending) ? .look : .skip
        }
        for entry in entries ?? [] where entry.identity?.kind == .file && !entry.isLink {
            remove(place.appending(entry.name))
        }
    }

    private static func remove(_ path: FilePath) { _ = path.withCString { unlink($0) } }

    static func failure(_ number: Int32, _ path: FilePath) -> ShelfError {
        var error = ShelfError.system(number, "write the sidecar", path)
        if [EACCES, EPERM, EROFS].contains(number) {
            error.hint = "give the user that runs modelshelf the right to write there, or gather sidecars elsewhere"
        }
        return error
    }
}
