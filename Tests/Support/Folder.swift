internal import Glibc
package import ShelfBase

/// A folder of one test's own.
package struct Folder {
    package let path: FilePath

    /// Makes one, and removes it with all that is in it when the body is done.
    package static func use<Result>(_ body: (Folder) throws -> Result) throws -> Result {
        let base = Environment.path("TMPDIR") ?? FilePath("/tmp")
        var template = base.appending("modelshelf-test-XXXXXX").bytes.map { CChar(bitPattern: $0) } + [0]
        guard mkdtemp(&template) != nil else { throw ShelfError.system(errno, "make a folder", base) }
        let made = FilePath(bytes: template.map { UInt8(bitPattern: $0) })
        defer { remove(made) }
        return try body(Folder(path: Paths.resolved(made) ?? made))
    }

    package subscript(_ name: String) -> FilePath { path.appending(name) }

    /// Writes a file anew, with the folders above it.
    @discardableResult
    package func write(_ name: FilePath, _ bytes: [UInt8]) throws -> FilePath {
        let file = path.appending(name)
        try Paths.createFolder(file.parent)
        let descriptor = file.withCString { open($0, O_WRONLY | O_CREAT | O_TRUNC, 0o644) }
        guard descriptor >= 0 else { throw ShelfError.system(errno, "write it", file) }
        defer { close(descriptor) }
        var done = 0
        while done < bytes.count {
            let count = bytes.withUnsafeBytes {
                Glibc.write(descriptor, $0.baseAddress?.advanced(by: done), $0.count - done)
            }
            guard count > 0 else { throw ShelfError.system(errno, "write it", file) }
            done += count
        }
        return file
    }

    @discardableResult
    package func write(_ name: String, _ bytes: [UInt8]) throws -> FilePath { try write(FilePath(name), bytes) }

    @discardableResult
    package func write(_ name: String, _ text: String) throws -> FilePath { try write(name, Array(text.utf8)) }

    package func makeFolder(_ name: String) throws -> FilePath {
        let folder = self[name]
        try Paths.createFolder(folder)
        return folder
    }

    package func makeFIFO(_ name: String) throws -> FilePath {
        let file = self[name]
        try Self.check(file.withCString { mkfifo($0, 0o644) }, file)
        return file
    }

    /// A symbolic link; `target` is taken as it is.
    @discardableResult
    package func link(_ name: String, to target: FilePath) throws -> FilePath {
        let file = self[name]
        try Paths.createFolder(file.parent)
        try Self.check(target.withCString { target in file.withCString { symlink(target, $0) } }, file)
        return file
    }

    @discardableResult
    package func hardLink(_ name: String, to target: FilePath) throws -> FilePath {
        let file = self[name]
        try Paths.createFolder(file.parent)
        try Self.check(target.withCString { target in file.withCString { Glibc.link(target, $0) } }, file)
        return file
    }

    package func move(_ from: String, to name: String) throws {
        try Paths.createFolder(self[name].parent)
        try Self.check(self[from].withCString { from in self[name].withCString { rename(from, $0) } }, self[from])
    }

    package func remove(_ name: String) { Self.remove(self[name]) }

    package func exists(_ name: String) -> Bool {
        if case .success = FileIdentity.of(self[name], followLinks: false) { true } else { false }
    }

    /// Sets the modification time, in seconds since 1970.
    package func touch(_ name: String, _ seconds: Int) throws {
        let times = [timespec(tv_sec: seconds, tv_nsec: 0), timespec(tv_sec: seconds, tv_nsec: 0)]
        try Self.check(self[name].withCString { utimensat(AT_FDCWD, $0, times, 0) }, self[name])
    }

    private static func check(_ code: Int32, _ path: FilePath) throws {
        guard code == 0 else { throw ShelfError.system(errno, "prepare it", path) }
    }

    private static func remove(_ path: FilePath) {
        guard case .success(let identity) = FileIdentity.of(path, followLinks: false), identity.kind == .folder else {
            _ = path.withCString { unlink($0) }
            return
        }
        _ = path.withCString { chmod($0, 0o700) }
        for entry in (try? FolderReader.entries(of: path) { _, _ in .look }) ?? [] {
            remove(path.appending(entry.name))
        }
        _ = path.withCString { rmdir($0) }
    }
}

/// The error that a body throws; nil when it throws none.
package func failure(_ body: () throws(ShelfError) -> Void) -> ShelfError? {
    do throws(ShelfError) {
        try body()
        return nil
    } catch { return error }
}
