internal import Glibc
internal import ShelfBase
internal import ShelfHashing

/// The folder that a download goes to: what of it is there already, and which names are free.
struct DownloadFolder {
    let path: FilePath
    let cancellation: Cancellation
    /// The digest of a file that is known without reading it; nil when it is not.
    let knownDigest: @Sendable (FilePath) -> String?

    private static let stateEnding = ".part.json"

    /// The name of the file that an earlier run of this download left unfinished here.
    func unfinished(_ plan: DownloadPlan) -> (name: FilePath, state: DownloadState)? {
        let entries = try? FolderReader.entries(of: path) { name, _ in
            name.bytes.suffix(Self.stateEnding.utf8.count).elementsEqual(Self.stateEnding.utf8) ? .look : .skip
        }
        for entry in (entries ?? []).sorted(by: { $0.name < $1.name }) where entry.identity?.kind == .file {
            guard let file = try? ReadableFile(path.appending(entry.name)), file.size <= 1 << 16,
                let state = (try? file.bytes(at: 0, count: Int(file.size))).flatMap({ DownloadState($0) }),
                state.key == plan.key, plan.sha256 == nil || state.sha256 == nil || state.sha256 == plan.sha256
            else { continue }
            return (FilePath(bytes: entry.name.bytes.dropLast(Self.stateEnding.utf8.count)), state)
        }
        return nil
    }

    enum Place {
        /// The file is there.
        case there(FilePath)
        /// Nothing of this name is.
        case free(FilePath)
    }

    /// Finds the file under a name or one of the numbered names beside it, or else the first of them that is free.
    func place(_ name: String, sha256: String?, key: String) throws(ShelfError) -> Place {
        for number in 1...999 {
            let candidate = path.appending(number == 1 ? name : SafeFileName.numbered(name, number))
            switch FileIdentity.of(candidate, followLinks: false) {
            case .failure(let error) where error.code == .notFound:
                if isTaken(candidate, key) { continue }
                return .free(candidate)
            case .failure(let error): throw error
            case .success:
                if let sha256, try digest(candidate) == sha256 { return .there(candidate) }
            }
        }
        throw ShelfError(.usage, "the folder has a thousand files of this name", path: path.appending(name))
    }

    /// The digest of a file; nil for what is not a file or cannot be read.
    func digest(_ path: FilePath) throws(ShelfError) -> String? {
        if let known = knownDigest(path) { return known }
        guard let file = try? ReadableFile(path) else { return nil }
        var hash = ResumableSHA256()
        while hash.count < file.size {
            try cancellation.check()
            guard let block = try? file.bytes(at: hash.count, count: 1 << 20), !block.isEmpty else { return nil }
            block.withUnsafeBytes { hash.update($0) }
        }
        return Hex.encode(hash.digest())
    }

    /// Makes the folder and those above it, with the rights that the user's other folders have.
    func make() throws(ShelfError) { try Self.make(path) }

    private static func make(_ path: FilePath) throws(ShelfError) {
        if path.isEmpty { return }
        if path.withCString({ mkdir($0, 0o777) }) == 0 { return }
        var number = errno
        if number == ENOENT, path.parent != path {
            try make(path.parent)
            if path.withCString({ mkdir($0, 0o777) }) == 0 { return }
            number = errno
        }
        guard case .success(let identity) = FileIdentity.of(path) else {
            var error = ShelfError.system(number, "make the folder", path)
            // What stands in the way: a link to nothing, or a file in place of a folder above.
            if number == EEXIST {
                error = ShelfError(
                    .usage, "it is a link that leads nowhere", path: path, hint: "name a folder with --to")
            } else if number == ENOTDIR {
                error = ShelfError(.usage, "a file stands above it", path: path, hint: "name a folder with --to")
            }
            throw error
        }
        guard identity.kind == .folder else {
            throw ShelfError(.usage, "it is a file and not a folder", path: path, hint: "name a folder with --to")
        }
    }

    /// Fails when the disk has no room for so many more bytes.
    func checkSpace(for bytes: Int64) throws(ShelfError) {
        var status = statvfs()
        guard path.withCString({ statvfs($0, &status) }) == 0 else { return }
        let (free, overflow) = UInt64(status.f_bavail).multipliedReportingOverflow(by: UInt64(status.f_frsize))
        guard !overflow, bytes > 0, UInt64(bytes) > free else { return }
        throw ShelfError(
            .noSpace,
            "the disk has \(Self.size(Int64(clamping: free))) free and the file needs \(Self.size(bytes)) more",
            path: path, hint: "free some space or name another folder with --to; what is there is kept")
    }

    /// Whether another download is on its way to this name.
    private func isTaken(_ candidate: FilePath, _ key: String) -> Bool {
        guard case .success = FileIdentity.of(PartFile.partName(candidate), followLinks: false) else { return false }
        guard let state = DownloadStateFile(of: candidate).read() else { return true }
        return state.key != key
    }

    private static func size(_ bytes: Int64) -> String {
        let units = ["bytes", "kB", "MB", "GB", "TB"]
        var value = Double(bytes)
        var unit = 0
        while value >= 1000, unit + 1 < units.count {
            value /= 1000
            unit += 1
        }
        let tenths = Int64(value * 10)
        return unit == 0 ? "\(bytes) bytes" : "\(tenths / 10).\(tenths % 10) \(units[unit])"
    }
}
