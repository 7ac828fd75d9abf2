internal import Glibc
public import ShelfBase

/// The database of one library: one connection that writes, one that reads, each used by one thread at a time.
///
/// Several processes may use one store; each write is one transaction. A store belongs to the process that opened it:
/// see ``isOwnProcess``.
public final class Store: Sendable {
    public let path: FilePath
    /// What the user should know about how the store was opened.
    public let warnings: [String]
    public let writer: SharedConnection
    public let reader: SharedConnection
    /// Who claims work for this process.
    public let owner: ClaimOwner
    private let process = getpid()
    /// The file that is open: what is at the path may become another one.
    private let file: FileIdentity?

    public init(_ path: FilePath) throws(ShelfError) {
        self.path = path
        let opened = try StoreFile.open(path)
        warnings = opened.warnings
        writer = SharedConnection(opened.connection)
        let reading = try Connection(path, .readWrite)
        try reading.execute("PRAGMA query_only = ON; PRAGMA temp_store = MEMORY; PRAGMA cache_size = -16384")
        reader = SharedConnection(reading)
        file = try? FileIdentity.of(path).get()
        owner = ClaimOwner.current()
    }

    /// False in a forked child, where SQLite's locks and handles are the parent's and must not be touched.
    public var isOwnProcess: Bool { getpid() == process }

    /// False when the file was removed or replaced since it was opened: nobody would ever read what is written to it.
    public var isInPlace: Bool {
        guard let now = try? FileIdentity.of(path).get() else { return false }
        return now.inode == file?.inode && now.device == file?.device
    }

    /// Runs `body` in one write transaction.
    public func write<Result>(_ body: (Connection) throws(ShelfError) -> Result) throws(ShelfError) -> Result {
        guard isInPlace else {
            throw ShelfError(
                .storeError, "the database was removed or replaced while it was in use", path: path,
                hint: "open it anew")
        }
        return try writer.use { (connection) throws(ShelfError) in
            try connection.transaction { () throws(ShelfError) in try body(connection) }
        }
    }

    /// Runs `body` on the connection that only reads.
    public func read<Result>(_ body: (Connection) throws(ShelfError) -> Result) throws(ShelfError) -> Result {
        try reader.use(body)
    }

    /// What SQLite says of the file's integrity; nil when it is well.
    public func integrityProblem() throws(ShelfError) -> String? {
        try read { (connection) throws(ShelfError) in
            var problem: String?
            try connection.rows("PRAGMA quick_check(1)") { row in
                if let text = row.text(0), text != "ok" { problem = text }
            }
            return problem
        }
    }
}
