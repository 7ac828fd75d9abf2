internal import CSQLite
internal import CSystem
internal import Glibc
internal import ShelfBase

/// Opening the database file: where it may lie, in which journal mode, at which version, and what if it is damaged.
enum StoreFile {
    /// File systems by the kernel's `f_type` (linux/magic.h), where SQLite's write-ahead log cannot be shared.
    private static let networkTypes: [Int: String] = [
        0x6969: "NFS", 0x517b: "SMB", 0xff53_4d42: "CIFS", 0xfe53_4d42: "SMB2", 0x0102_1997: "9p",
    ]
    private static let fuseType = 0x6573_5546
    /// FUSE file systems that keep a local disk's promises.
    private static let trustedFuse = ["fuseblk", "fuse.fuse-overlayfs", "fuse.bindfs", "fuse.ntfs-3g", "fuse.lxcfs"]

    struct Opened {
        let connection: Connection
        let warnings: [String]
    }

    static func open(_ path: FilePath) throws(ShelfError) -> Opened {
        try createFolder(of: path)
        var warnings: [String] = []
        let network = try checkFileSystem(path.parent)
        do throws(ShelfError) {
            return Opened(connection: try prepare(path, network: network, &warnings), warnings: warnings)
        } catch  where error.hint == SQLiteFailure.damageHint {
            guard mayBeOurs(path) else { throw foreign(path) }
            let aside = try setAside(path)
            warnings.append(
                "the database \(path.display) was damaged (\(error.message)); it is kept as \(aside.display) and a new"
                    + " one was begun: run a scan to fill it from the files")
            return Opened(connection: try prepare(path, network: network, &warnings), warnings: warnings)
        }
    }

    private static func createFolder(of path: FilePath) throws(ShelfError) {
        do throws(ShelfError) { try Paths.createFolder(path.parent) } catch {
            guard error.code != .noSpace else { throw error }
            throw ShelfError(
                .storeError, error.message, path: error.path,
                hint: "name a place where folders can be made with --db or MODELSHELF_HOME")
        }
    }

    private static func prepare(
        _ path: FilePath, network: String?, _ warnings: inout [String]
    ) throws(ShelfError) -> Connection {
        if case .success(let identity) = FileIdentity.of(path), identity.kind != .file {
            throw ShelfError(
                .storeError, "a database cannot be kept here: not a regular file", path: path,
                hint: "name another file with --db")
        }
        let connection = try Connection(path, .readWrite)
        try refuseForeign(connection, path)
        // Metadata is for its owner's eyes: what models somebody has is private.
        _ = path.withCString { chmod($0, 0o600) }
        try connection.execute("PRAGMA foreign_keys = ON; PRAGMA temp_store = MEMORY; PRAGMA cache_size = -16384")
        if let network {
            try connection.execute("PRAGMA journal_mode = DELETE; PRAGMA synchronous = FULL")
            warnings.append(
                "the database lies on a network file system (\(network)): use it from one process at a time")
        } else {
            try setWriteAheadLog(connection, path)
        }
        try migrate(connection, path)
        return connection
    }

    /// Several processes may open a new file at once; only one can switch it, and the others must wait for it.
    private static func setWriteAheadLog(_ connection: Connection, _ path: FilePath) throws(ShelfError) {
        var mode = ""
        for attempt in 0..<200 {
            do throws(ShelfError) {
                try connection.rows("PRAGMA journal_mode = WAL") { mode = $0.text(0) ?? "" }
                break
            } catch  where error.code == .storeBusy && attempt < 199 {
                Clock.sleep(milliseconds: 20)
            }
        }
        guard mode.lowercased() == "wal" else {
            throw ShelfError(.storeError, "the database cannot keep a write-ahead log here", path: path)
        }
        try connection.execute("PRAGMA synchronous = NORMAL")
    }

    /// Another program's database is told apart before anything of it is changed: its mode, its journal, its version.
    private static func refuseForeign(_ connection: Connection, _ path: FilePath) throws(ShelfError) {
        // In this order: a file that another process begins just now has tables and the mark from one moment on.
        let isEmpty = try connection.int("SELECT count(*) FROM sqlite_schema") == 0
        let version = try connection.int("PRAGMA user_version") ?? 0
        let application = try connection.int("PRAGMA application_id") ?? 0
        guard application == Schema.applicationID || (isEmpty && version == 0) else {
            throw foreign(path)
        }
    }

    private static func foreign(_ path: FilePath) -> ShelfError {
        ShelfError(
            .storeError, "this is another program's file, not a database of modelshelf", path: path,
            hint: "name another file with --db")
    }

    /// Whether a file that SQLite cannot read may be a store that was damaged, and not a model or another program's
    /// file that was named by mistake: those are never touched.
    private static func mayBeOurs(_ path: FilePath) -> Bool {
        guard let head = try? ReadableFile(path).bytes(at: 0, count: 72) else { return false }
        guard head.starts(with: Array("SQLite format 3\0".utf8)) else { return path.pathExtension == "db" }
        // The application's mark stands big-endian at 68.
        return head.count == 72 && head[68...].reduce(0) { $0 << 8 | Int64($1) } == Schema.applicationID
    }

    private static func migrate(_ connection: Connection, _ path: FilePath) throws(ShelfError) {
        let target = Int64(Schema.migrations.count)
        let known = try connection.int("PRAGMA user_version") ?? 0
        guard known <= target else {
            throw ShelfError(
                .storeError,
                "the database was written by a newer modelshelf (schema \(known), this one knows \(target))",
                path: path, hint: "update modelshelf, or name another file with --db")
        }
        guard known < target else { return }
        let copy = known > 0 ? try self.copy(connection, path) : nil
        defer { _ = copy?.withCString { unlink($0) } }
        try connection.transaction { () throws(ShelfError) in
            // Another process may have done it while we waited for the lock; then our copy is of no use, or even of the
            // new tables.
            var version = try connection.int("PRAGMA user_version") ?? 0
            if let copy, version == known { try keep(copy, FilePath(bytes: path.bytes + beforeMigration(version))) }
            while version < target {
                try connection.execute(Schema.migrations[Int(version)])
                version += 1
            }
            try connection.execute("PRAGMA application_id = \(Schema.applicationID); PRAGMA user_version = \(version)")
        }
    }

    /// How the name of the copy ends that is kept of a database before its tables are changed.
    static func beforeMigration(_ version: Int64) -> [UInt8] { Array(".before-migration-\(version)".utf8) }

    /// A copy of the whole database under a name that nobody else has.
    private static func copy(_ connection: Connection, _ path: FilePath) throws(ShelfError) -> FilePath {
        let copy = FilePath(bytes: path.bytes + Array(".copy-\(getpid())-\(Clock.monotonicNanoseconds())".utf8))
        // For the owner's eyes, as the database is; SQLite writes into an empty file.
        let descriptor = copy.withCString { Glibc.open($0, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0o600) }
        guard descriptor >= 0 else { throw .system(errno, "copy the database before it is brought up to date", copy) }
        close(descriptor)
        // A name must be text for SQLite, and may be any bytes for the system.
        try connection.run("VACUUM INTO CAST(? AS TEXT)", .blob(copy.bytes))
        return copy
    }

    private static func keep(_ copy: FilePath, _ name: FilePath) throws(ShelfError) {
        let code = copy.withCString { from in name.withCString { rename(from, $0) } }
        guard code == 0 else { throw .system(errno, "keep a copy of the database", name) }
    }

    private static func setAside(_ path: FilePath) throws(ShelfError) -> FilePath {
        let suffix = ".damaged-\(Clock.wallMilliseconds())"
        for ending in ["", "-wal", "-shm"] {
            let from = FilePath(bytes: path.bytes + Array(ending.utf8))
            let to = FilePath(bytes: path.bytes + Array((suffix + ending).utf8))
            let code = from.withCString { source in to.withCString { rename(source, $0) } }
            guard code == 0 || errno == ENOENT else { throw .system(errno, "set the damaged database aside", from) }
        }
        return FilePath(bytes: path.bytes + Array(suffix.utf8))
    }

    /// The name of the network file system that `folder` lies on, or nil; refuses cloud mounts, which lose locks.
    private static func checkFileSystem(_ folder: FilePath) throws(ShelfError) -> String? {
        let type = folder.withCString { shelf_file_system_type($0) }
        if let name = networkTypes[type & 0xffff_ffff] { return name }
        guard type == fuseType else { return nil }
        let name = mountType(of: folder) ?? "fuse"
        guard !trustedFuse.contains(name) else { return nil }
        throw ShelfError(
            .storeError, "the database cannot be kept on a cloud or FUSE mount (\(name))", path: folder,
            hint: "set MODELSHELF_HOME to a folder on a local disk; model folders may stay where they are")
    }

    /// The file system type of the mount that holds a folder, from the kernel's list of mounts.
    private static func mountType(of folder: FilePath) -> String? {
        guard let resolved = Paths.resolved(folder), let text = ProcessFile.text("/proc/self/mountinfo") else {
            return nil
        }
        var best: (length: Int, type: String)?
        for line in text.split(separator: "\n") {
            let fields = line.split(separator: " ")
            guard fields.count > 6, let dash = fields.firstIndex(of: "-"), dash + 1 < fields.count else { continue }
            let mount = FilePath(String(fields[4]))
            guard resolved.relative(to: mount) != nil, mount.bytes.count >= best?.length ?? 0 else { continue }
            best = (mount.bytes.count, String(fields[dash + 1]))
        }
        return best?.type
    }
}
