internal import CSystem
internal import Glibc

/// A model file opened for reading, never mapped: a truncation under a mapping is a SIGBUS in the server we live in.
///
/// Opened non-blocking and looked at first, so that a FIFO or device under a model's name cannot hang us.
public final class ReadableFile: Sendable {
    public let path: FilePath
    /// What `fstat` said when the file was opened.
    public let identity: FileIdentity
    private let descriptor: Int32

    public init(_ path: FilePath) throws(ShelfError) {
        let descriptor = path.withCString { open($0, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY) }
        guard descriptor >= 0 else { throw .system(errno, "open it", path) }
        guard let identity = FileIdentity.of(descriptor: descriptor) else {
            let number = errno
            Glibc.close(descriptor)
            throw .system(number, "look at it", path)
        }
        guard identity.kind == .file else {
            Glibc.close(descriptor)
            throw ShelfError(.unreadable, "not a regular file", path: path)
        }
        self.path = path
        self.identity = identity
        self.descriptor = descriptor
    }

    deinit { Glibc.close(descriptor) }

    /// Bytes, as of opening.
    public var size: Int64 { identity.size }

    /// Reads up to `buffer.count` bytes at `offset`; fewer only at the end of the file. Returns how many.
    public func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int64) throws(ShelfError) -> Int {
        guard let base = buffer.baseAddress, offset >= 0 else { return 0 }
        var filled = 0
        while filled < buffer.count {
            let (position, overflow) = offset.addingReportingOverflow(Int64(filled))
            guard !overflow else { break }
            let count = pread(descriptor, base + filled, buffer.count - filled, off_t(position))
            if count > 0 {
                filled += count
            } else if count == 0 {
                break
            } else if errno != EINTR {
                throw .system(errno, "read it", path)
            }
        }
        return filled
    }

    /// Up to `count` bytes at `offset` as an array; fewer only at the end of the file.
    public func bytes(at offset: Int64, count: Int) throws(ShelfError) -> [UInt8] {
        guard count > 0 else { return [] }
        var failure: ShelfError?
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            do throws(ShelfError) {
                filled = try read(into: UnsafeMutableRawBufferPointer(buffer), at: offset)
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
        return bytes
    }

    /// What `fstat` says now; nil when it cannot tell any more.
    public func currentIdentity() -> FileIdentity? { FileIdentity.of(descriptor: descriptor) }

    /// Tells the kernel that the file is read once from front to back.
    public func adviseSequential() { posix_fadvise(descriptor, 0, 0, POSIX_FADV_SEQUENTIAL) }

    /// Whether at least half of the file is in the page cache; true when it cannot be told.
    public var isCached: Bool { shelf_is_cached(descriptor, size) != 0 }

    /// Tells the kernel that bytes which were read are not needed again, so that reading a library once does not push
    /// out of memory what other programs use.
    public func forget(_ range: Range<Int64>) {
        posix_fadvise(
            descriptor, off_t(range.lowerBound), off_t(range.upperBound - range.lowerBound), POSIX_FADV_DONTNEED)
    }
}
