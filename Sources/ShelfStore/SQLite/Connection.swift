internal import CSQLite
public import ShelfBase

/// One connection to SQLite. Not thread-safe by itself: ``SharedConnection`` lends it to one thread at a time.
public final class Connection {
    let handle: OpaquePointer
    private var statements: [String: Statement] = [:]
    private(set) var isInTransaction = false
    /// In a child of `fork`, which has let go of what is its parent's.
    private(set) var isLeft = false

    public enum Access: Sendable { case readOnly, readWrite }

    /// Opens a database file; with `readWrite` it is created when it is not there.
    public init(_ path: FilePath, _ access: Access) throws(ShelfError) {
        var handle: OpaquePointer?
        let mode = access == .readOnly ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
        // The connection is confined to one thread at a time by its owner, so SQLite need not lock it again.
        ForkGate.opening.lock()
        defer { ForkGate.opening.unlock() }
        let code = path.withCString {
            sqlite3_open_v2($0, &handle, mode | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, nil)
        }
        guard code == SQLITE_OK, let handle else {
            let error = SQLiteFailure.error(code, handle, during: "open the database", path)
            sqlite3_close_v2(handle)
            throw error
        }
        self.handle = handle
        sqlite3_busy_timeout(handle, 30_000)
        _ = shelf_sqlite_strict_quotes(handle)
    }

    deinit {
        ForkGate.opening.lock()
        defer { ForkGate.opening.unlock() }
        guard !isLeft else { return }
        statements.removeAll()
        sqlite3_close_v2(handle)
    }

    /// Gives up the parent's connection in a child of `fork`; only when nobody was using it at the fork.
    ///
    /// SQLite knows each file once in a process. While a child has its parent's connection, SQLite takes the parent's
    /// locks on the file for the child's own, and when the parent closes the file, what the child writes is lost.
    /// Nothing is written here: the log stays, and a process cannot take away another's locks.
    func leave() {
        guard !isLeft else { return }
        statements.removeAll()
        _ = shelf_sqlite_no_checkpoint_on_close(handle)
        sqlite3_close_v2(handle)
        isLeft = true
    }

    /// Runs SQL text that gives no rows, one or more statements.
    public func execute(_ sql: String) throws(ShelfError) {
        let code = sqlite3_exec(handle, sql, nil, nil, nil)
        guard code == SQLITE_OK else { throw SQLiteFailure.error(code, handle, during: "run a statement") }
    }

    /// A statement prepared once for this connection and reused; its earlier use is over.
    public func statement(_ sql: String) throws(ShelfError) -> Statement {
        if let known = statements[sql] {
            known.reset()
            return known
        }
        let statement = try Statement(self, sql)
        // A program has a fixed set of statements; only searches vary. The bound keeps a long-lived server flat.
        if statements.count >= 256 { statements.removeAll() }
        statements[sql] = statement
        return statement
    }

    /// Binds, runs to the end and forgets any rows.
    public func run(_ sql: String, _ values: SQLValue...) throws(ShelfError) { try run(sql, values: values) }

    public func run(_ sql: String, values: [SQLValue]) throws(ShelfError) {
        let statement = try statement(sql)
        try statement.bind(values)
        while try statement.step() {}
        statement.reset()
    }

    /// Calls `body` for every row.
    public func rows(
        _ sql: String, _ values: [SQLValue] = [], _ body: (Statement) throws(ShelfError) -> Void
    ) throws(ShelfError) {
        let statement = try statement(sql)
        try statement.bind(values)
        defer { statement.reset() }
        while try statement.step() { try body(statement) }
    }

    /// The first column of the first row; nil without a row or with a null.
    public func int(_ sql: String, _ values: SQLValue...) throws(ShelfError) -> Int64? {
        let statement = try statement(sql)
        try statement.bind(values)
        defer { statement.reset() }
        return try statement.step() ? statement.int(0) : nil
    }

    public var changes: Int { Int(sqlite3_changes(handle)) }
    public var lastInsertedRow: Int64 { sqlite3_last_insert_rowid(handle) }

    /// Runs `body` in a write transaction: all of it or nothing. Nested calls join the outer transaction.
    public func transaction<Result>(_ body: () throws(ShelfError) -> Result) throws(ShelfError) -> Result {
        guard !isInTransaction else { return try body() }
        try execute("BEGIN IMMEDIATE")
        isInTransaction = true
        defer { isInTransaction = false }
        do throws(ShelfError) {
            let result = try body()
            try execute("COMMIT")
            return result
        } catch {
            // After some errors (a full disk) SQLite has rolled back by itself, and this one says so: nothing to add.
            sqlite3_exec(handle, "ROLLBACK", nil, nil, nil)
            throw error
        }
    }
}

/// A connection that many threads use in turn.
public final class SharedConnection: @unchecked Sendable {
    // Sendable: `connection` is reached only in `use`, under the lock.
    private let connection: Connection
    private let lock = Lock()

    init(_ connection: sending Connection) {
        self.connection = connection
        ForkGate.add(lock, connection)
    }

    deinit { ForkGate.remove(lock) }

    public func use<Result>(_ body: (Connection) throws(ShelfError) -> Result) throws(ShelfError) -> Result {
        lock.lock()
        defer { lock.unlock() }
        guard !connection.isLeft else {
            throw ShelfError(
                .storeError, "the database was opened by the parent of this process", hint: "open it anew")
        }
        return try body(connection)
    }
}
