internal import Glibc

/// Absolute and resolved paths.
public enum Paths {
    /// The path made absolute against the current folder, without resolving links or dots.
    public static func absolute(_ path: FilePath) -> FilePath {
        guard !path.isAbsolute else { return path }
        guard let current = getcwd(nil, 0) else { return path }
        defer { free(current) }
        return FilePath(bytes: UnsafeRawBufferPointer(start: current, count: strlen(current))).appending(path)
    }

    /// The path with every link, `.` and `..` resolved; nil when there is nothing there.
    public static func resolved(_ path: FilePath) -> FilePath? {
        guard let real = path.withCString({ realpath($0, nil) }) else { return nil }
        defer { free(real) }
        return FilePath(bytes: UnsafeRawBufferPointer(start: real, count: strlen(real)))
    }

    /// Creates a folder and those above it; the ones created are for the user alone.
    public static func createFolder(_ path: FilePath) throws(ShelfError) {
        if path.withCString({ mkdir($0, 0o700) }) == 0 || errno == EEXIST { return }
        guard errno == ENOENT, !path.parent.isEmpty, path.parent != path else {
            throw .system(errno, "create the folder", path)
        }
        try createFolder(path.parent)
        guard path.withCString({ mkdir($0, 0o700) }) == 0 || errno == EEXIST else {
            throw .system(errno, "create the folder", path)
        }
    }
}
