internal import CSystem
internal import Glibc
internal import ShelfBase
internal import ShelfFormats
internal import ShelfHashing

/// An unfinished download on disk: the bytes in `NAME.part`, what is known of them in `NAME.part.json`.
///
/// Bytes are written and hashed in one go. Every 16 MiB the digest's state is written down, so that a process that is
/// killed costs the next one at most so much hashing; one that is stopped writes it down as well and costs nothing.
final class PartFile {
    static let checkpointInterval: Int64 = 16 << 20
    private static let blockSize = 1 << 20

    /// Where the whole file goes.
    let target: FilePath
    private let path: FilePath
    private let stateFile: DownloadStateFile
    private let descriptor: Int32
    private(set) var state: DownloadState
    private var hash = ResumableSHA256()
    /// Bytes that are written and hashed.
    var count: Int64 { hash.count }
    private var checkpoint: Int64 = 0
    /// Bytes of earlier runs that had to be hashed again.
    private(set) var hashedAgain: Int64 = 0

    /// The name of a file while it is not whole.
    static func partName(_ name: FilePath) -> FilePath { FilePath(bytes: name.bytes + Array(".part".utf8)) }

    /// Opens or makes the file and keeps other processes out.
    ///
    /// - Throws: ``ErrorCode/storeBusy`` while another process has it.
    init(target: FilePath, state: DownloadState) throws(ShelfError) {
        self.target = target
        self.state = state
        path = Self.partName(target)
        stateFile = DownloadStateFile(of: target)
        // The state comes first: a part without one is somebody else's.
        if !stateFile.isThere { try stateFile.write(state) }
        let descriptor = path.withCString { open($0, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0o666) }
        guard descriptor >= 0 else { throw .system(errno, "write it", path) }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0, Self.isSame(descriptor, path) else {
            close(descriptor)
            throw ShelfError(.storeBusy, "another process is downloading it", path: target)
        }
        self.descriptor = descriptor
    }

    deinit { close(descriptor) }

    /// Takes up what an earlier run left, as far as its digest can be taken up; gives how many bytes that are.
    func takeUp(cancellation: Cancellation) throws(ShelfError) -> Int64 {
        guard let found = stateFile.read(), found.key == state.key,
            found.sha256 == nil || state.sha256 == nil || found.sha256 == state.sha256
        else {
            try restart()
            return 0
        }
        let wanted = state.sha256
        state = found
        state.sha256 = wanted ?? found.sha256
        hash = found.hash.flatMap { ResumableSHA256(state: $0) } ?? ResumableSHA256()
        if !state.isAhead { state.islands = [] }
        let size = try size()
        guard size >= hash.count, found.total.map({ size <= $0 }) ?? true else {
            try restart()
            return 0
        }
        if let boot = found.boot, boot != DownloadStateFile.boot {
            // The machine went down: the digest may cover bytes that never reached the disk. What is there is read, if
            // there is something to know it by.
            guard !state.isAhead, state.sha256 != nil else {
                try restart()
                return 0
            }
            hash = ResumableSHA256()
        }
        checkpoint = hash.count
        if state.isAhead {
            // Killed with gaps in it: only what the digest covers is sure to be there. Stopped: what it says as well.
            if !state.islandsAreSound(after: count, size: size) { endAhead() }
            return count
        }
        try hashAgain(to: size, cancellation)
        return count
    }

    /// Writes and hashes bytes that come next.
    func append(_ bytes: UnsafeRawBufferPointer) throws(ShelfError) {
        var rest = bytes
        while let base = rest.baseAddress, !rest.isEmpty {
            let room = Int(min(Int64(rest.count), max(1, checkpoint + Self.checkpointInterval - count)))
            let written = pwrite(descriptor, base, room, off_t(count))
            guard written > 0 else {
                guard written < 0, errno == EINTR else {
                    let number = written == 0 ? ENOSPC : errno
                    save()
                    throw .system(number, "write it", target)
                }
                continue
            }
            hash.update(UnsafeRawBufferPointer(rebasing: rest[..<written]))
            rest = UnsafeRawBufferPointer(rebasing: rest[written...])
            if count - checkpoint >= Self.checkpointInterval { save() }
        }
    }

    /// From here on bytes may be written beyond a gap.
    func beginAhead() {
        state.isAhead = true
        save()
    }

    /// Drops what lies beyond the first gap.
    func endAhead() {
        guard ftruncate(descriptor, off_t(count)) == 0 else { return }
        state.isAhead = false
        state.islands = []
        save()
    }

    /// What an earlier run wrote beyond the first gap, in order.
    var islands: [Range<Int64>] { state.islands.filter { $0.upperBound > count } }

    /// Notes what lies beyond the first gap, so that another run need not fetch it.
    func keepAhead(_ islands: [Range<Int64>]) {
        guard !islands.isEmpty else { return endAhead() }
        var united: [Range<Int64>] = []
        for island in islands.sorted(by: { $0.lowerBound < $1.lowerBound }) {
            if let last = united.last, island.lowerBound <= last.upperBound {
                united[united.count - 1] = last.lowerBound..<max(last.upperBound, island.upperBound)
            } else {
                united.append(island)
            }
        }
        state.islands = united
    }

    /// Writes bytes that lie beyond a gap; they are hashed when it has closed.
    func write(_ bytes: UnsafeRawBufferPointer, at offset: Int64) throws(ShelfError) {
        var done = 0
        while done < bytes.count, let base = bytes.baseAddress {
            let written = pwrite(descriptor, base + done, bytes.count - done, off_t(offset + Int64(done)))
            guard written > 0 else {
                if written < 0, errno == EINTR { continue }
                throw .system(written == 0 ? ENOSPC : errno, "write it", target)
            }
            done += written
        }
    }

    /// Hashes bytes that were written before the gap in front of them closed.
    func absorb(to end: Int64) throws(ShelfError) {
        var block = [UInt8](repeating: 0, count: Self.blockSize)
        while count < end {
            let wanted = Int(
                min(end - count, Int64(Self.blockSize), max(1, checkpoint + Self.checkpointInterval - count)))
            let read = pread(descriptor, &block, wanted, off_t(count))
            guard read > 0 else {
                if read < 0, errno == EINTR { continue }
                throw .system(read == 0 ? EIO : errno, "read it", path)
            }
            block.withUnsafeBytes { hash.update(UnsafeRawBufferPointer(rebasing: $0[..<read])) }
            if count - checkpoint >= Self.checkpointInterval { save() }
        }
    }

    /// Writes down where it stands. A disk that has no room for it keeps the state before, which is right as well.
    ///
    /// - Parameter isEnd: this run is over. Then the bytes are brought to the disk, so that the state also holds when
    ///   the machine is started anew; until then it holds for this start only.
    func save(isEnd: Bool = false) {
        let isSynced = isEnd && fdatasync(descriptor) == 0
        state.boot = isSynced ? nil : DownloadStateFile.boot
        state.hash = hash.state
        checkpoint = count
        // Where a disk was unplugged another folder shows, which is none of ours.
        guard Self.isSame(descriptor, path) else { return }
        do throws(ShelfError) {
            try stateFile.write(state)
        } catch {
            Log.write(.debug, "the state of a download cannot be written: \(error)")
        }
    }

    /// Notes what an answer told about the whole file.
    func note(total: Int64?, tag: String?, sha256: String?) {
        state.total = total
        state.tag = tag
        state.sha256 = sha256
        save()
    }

    /// Begins anew.
    func restart() throws(ShelfError) {
        guard ftruncate(descriptor, 0) == 0 else { throw .system(errno, "write it", path) }
        hash = ResumableSHA256()
        checkpoint = 0
        state.total = nil
        state.tag = nil
        state.isAhead = false
        state.islands = []
        save()
    }

    /// What `stat` says of the bytes, whatever their name is by now.
    var identity: FileIdentity? { FileIdentity.of(descriptor: descriptor) }

    /// What tells that bytes without a published digest cannot be the model that their name promises; nil when nothing
    /// does.
    var fault: String? {
        guard SafeFileName.isModel(target.lastComponent.display) else { return nil }
        guard count > 0 else { return "it is empty" }
        guard let file = try? ReadableFile(path) else { return nil }
        let header = HeaderReader.read(file)
        if header.format == .lfsPointer { return "it is a Git LFS pointer" }
        let isShort = header.isIncomplete || (header.expectedSize ?? 0) > UInt64(clamping: count)
        return isShort ? "it ends before its own end" : nil
    }

    /// The SHA-256 of all bytes, in lower case.
    var sha256: String { Hex.encode(hash.digest()) }

    /// Gives the file its name, durably; `EEXIST` as ``ErrorCode/fileChanged`` when there is one of that name by now.
    func publish(as other: FilePath? = nil) throws(ShelfError) {
        let target = other ?? self.target
        guard ftruncate(descriptor, off_t(count)) == 0, fsync(descriptor) == 0 else {
            throw .system(errno, "write it", path)
        }
        guard Self.isSame(descriptor, path) else {
            throw ShelfError(
                .notFound, "the unfinished file is gone: its folder or disk went away meanwhile", path: target,
                hint: "once it is back the same command goes on")
        }
        let code = path.withCString { from in target.withCString { shelf_rename_exclusively(from, $0) } }
        guard code == 0 else {
            guard errno != EEXIST else {
                throw ShelfError(.fileChanged, "a file of this name has appeared meanwhile", path: target)
            }
            throw .system(errno, "write it", target)
        }
        Self.syncFolder(target.parent)
        stateFile.remove()
    }

    /// Puts the bytes aside under a name that no program takes for a model's.
    func quarantine() -> FilePath {
        let aside = FilePath(bytes: target.bytes + Array(".quarantined".utf8))
        _ = path.withCString { from in aside.withCString { rename(from, $0) } }
        stateFile.remove()
        return aside
    }

    /// Removes what was fetched, because nobody needs it any more.
    func discard() {
        _ = path.withCString { unlink($0) }
        stateFile.remove()
    }

    /// Removes an unfinished download that nobody writes.
    static func discard(_ target: FilePath) {
        guard let state = DownloadStateFile(of: target).read(),
            case .success = FileIdentity.of(partName(target), followLinks: false),
            let part = try? PartFile(target: target, state: state)
        else { return }
        part.discard()
    }

    private func hashAgain(to size: Int64, _ cancellation: Cancellation) throws(ShelfError) {
        var block = [UInt8](repeating: 0, count: Self.blockSize)
        while count < size {
            try cancellation.check()
            let wanted = Int(min(size - count, Int64(Self.blockSize)))
            let read = pread(descriptor, &block, wanted, off_t(count))
            guard read > 0 else {
                if read < 0, errno == EINTR { continue }
                throw .system(errno, "read it", path)
            }
            block.withUnsafeBytes { hash.update(UnsafeRawBufferPointer(rebasing: $0[..<read])) }
            hashedAgain += Int64(read)
        }
        if hashedAgain > 0 { save() }
    }

    private func size() throws(ShelfError) -> Int64 {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw .system(errno, "look at it", path) }
        return Int64(status.st_size)
    }

    /// Whether the file that is open is still the one of that name: another process may have finished it just now.
    private static func isSame(_ descriptor: Int32, _ path: FilePath) -> Bool {
        var opened = stat()
        var named = stat()
        return fstat(descriptor, &opened) == 0 && path.withCString({ lstat($0, &named) }) == 0
            && opened.st_ino == named.st_ino && opened.st_dev == named.st_dev
    }

    private static func syncFolder(_ path: FilePath) {
        let descriptor = (path.isEmpty ? FilePath(".") : path).withCString {
            open($0, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        }
        guard descriptor >= 0 else { return }
        fsync(descriptor)
        close(descriptor)
    }
}
