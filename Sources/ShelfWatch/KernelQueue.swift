internal import Glibc
internal import ShelfBase

/// The kernel's reports on folders (inotify).
final class KernelQueue {
    enum Outcome: Equatable {
        case watched(Int32)
        /// The folder is not there or may not be read.
        case refused
        /// The user's watches are used up.
        case full
    }

    /// To be waited on.
    let descriptor: Int32
    private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 64 << 10, alignment: 8)

    /// No reports of writing: the close tells, and a download would be a hundred thousand of them.
    private static let mask = UInt32(
        truncatingIfNeeded: Int(IN_CREATE) | Int(IN_CLOSE_WRITE) | Int(IN_MOVED_FROM) | Int(IN_MOVED_TO)
            | Int(IN_DELETE) | Int(IN_DELETE_SELF) | Int(IN_MOVE_SELF) | Int(IN_ATTRIB) | Int(IN_ONLYDIR)
            | Int(IN_EXCL_UNLINK))

    /// Nil when the user has used up the kernel's queues.
    init?() {
        let descriptor = inotify_init1(Int32(IN_NONBLOCK) | Int32(IN_CLOEXEC))
        guard descriptor >= 0 else { return nil }
        self.descriptor = descriptor
    }

    deinit {
        close(descriptor)
        buffer.deallocate()
    }

    func watch(_ folder: FilePath) -> Outcome {
        let number = folder.withCString { inotify_add_watch(descriptor, $0, Self.mask) }
        guard number < 0 else { return .watched(number) }
        return errno == ENOSPC ? .full : .refused
    }

    func ignore(_ number: Int32) { inotify_rm_watch(descriptor, number) }

    /// What has been reported so far, at most `limit` reads.
    func read(limit: Int = 64) -> [FolderEvent] {
        var events: [FolderEvent] = []
        for _ in 0..<limit {
            let count = Glibc.read(descriptor, buffer.baseAddress, buffer.count)
            guard count > 0 else { break }
            events += FolderEvent.parse(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
        }
        return events
    }
}
