internal import Glibc
public import ShelfBase

/// The right to change the sidecars of one folder, among the threads and processes that use modelshelf.
///
/// It is a `flock` on the folder itself: nothing is left behind when its holder is killed, and no file of ours lies
/// beside the models. Where a file system has no such locks (some network file systems) there is none: writers then
/// notice each other only by what they wrote.
public final class FolderLock {
    private let descriptor: Int32
    /// False where the file system gave none.
    public let isHeld: Bool

    /// Waits up to `milliseconds` for others.
    public init(_ folder: FilePath, milliseconds: Int64 = 30_000) throws(ShelfError) {
        let place = folder.isEmpty ? FilePath(".") : folder
        descriptor = place.withCString { open($0, O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
        guard descriptor >= 0 else {
            // A folder that may be written to and not listed has no lock, like those file systems.
            guard errno == EACCES else { throw .system(errno, "open the folder", place) }
            isHeld = false
            return
        }
        let end = Clock.monotonicNanoseconds() + milliseconds * 1_000_000
        var pause: UInt32 = 50
        while true {
            if flock(descriptor, LOCK_EX | LOCK_NB) == 0 {
                isHeld = true
                return
            }
            guard errno == EWOULDBLOCK || errno == EINTR else { break }
            guard Clock.monotonicNanoseconds() < end else {
                close(descriptor)
                throw ShelfError(
                    .storeBusy, "another process has kept the folder locked for \(milliseconds / 1000) s", path: place,
                    hint: "wait for it or end it")
            }
            usleep(pause)
            pause = min(pause * 2, 5000)
        }
        isHeld = false
    }

    deinit {
        guard descriptor >= 0 else { return }
        // Said and not left to close(): a child forked meanwhile has the same open folder and would keep the lock.
        flock(descriptor, LOCK_UN)
        close(descriptor)
    }
}
