internal import Glibc
internal import ShelfBase

/// `NAME.part.json`: what is known of an unfinished download, replaced in one step so that there is never half of it.
struct DownloadStateFile {
    private static let sizeLimit: Int64 = 1 << 16

    /// Which start of the machine this is.
    static let boot: String =
        ProcessFile.text("/proc/sys/kernel/random/boot_id")?.filter { !$0.isWhitespace } ?? "unknown"

    private let path: FilePath
    /// Where it is written before it gets its name.
    private let fresh: FilePath

    init(of target: FilePath) {
        path = FilePath(bytes: target.bytes + Array(".part.json".utf8))
        fresh = FilePath(bytes: path.bytes + Array(".new".utf8))
    }

    /// Something has its name, whatever it is.
    var isThere: Bool { path.withCString { access($0, F_OK) } == 0 }

    /// Nil when there is none, or it is none of ours.
    func read() -> DownloadState? {
        guard let file = try? ReadableFile(path), file.size <= Self.sizeLimit,
            let bytes = try? file.bytes(at: 0, count: Int(file.size))
        else { return nil }
        return DownloadState(bytes)
    }

    func write(_ state: DownloadState) throws(ShelfError) {
        // Not waiting: something else than a file may have that name.
        let flags = O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC
        let descriptor = fresh.withCString { open($0, flags, 0o666) }
        guard descriptor >= 0 else { throw .system(errno, "write it", path) }
        guard FileIdentity.of(descriptor: descriptor)?.kind == .file else {
            close(descriptor)
            throw ShelfError(.unreadable, "something that is no file stands in the way", path: fresh)
        }
        let bytes = state.json.bytes()
        let written = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
        let number = errno
        close(descriptor)
        guard written == bytes.count, fresh.withCString({ from in path.withCString { rename(from, $0) } }) == 0 else {
            _ = fresh.withCString { unlink($0) }
            throw .system(written == bytes.count ? errno : (written < 0 ? number : ENOSPC), "write it", path)
        }
    }

    func remove() {
        _ = path.withCString { unlink($0) }
        // Left by a process that was killed while it wrote one.
        _ = fresh.withCString { unlink($0) }
    }
}
