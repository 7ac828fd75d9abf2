internal import CSQLite
internal import ShelfBase

/// SQLite's result codes as errors a person can act on. Bound values are never part of a message.
enum SQLiteFailure {
    static func error(_ code: Int32, _ handle: OpaquePointer?, during action: String, _ path: FilePath? = nil)
        -> ShelfError
    {
        let reason = handle.map { String(cString: sqlite3_errmsg($0)) } ?? String(cString: sqlite3_errstr(code))
        let message = "cannot \(action): \(reason)"
        switch code & 0xff {
        case SQLITE_BUSY, SQLITE_LOCKED:
            return ShelfError(
                .storeBusy, message, path: path,
                hint: "another process has held the database for 30 s; wait for it or end it")
        case SQLITE_FULL:
            return ShelfError(.noSpace, message, path: path, hint: "free some space and run it again")
        case SQLITE_CANTOPEN, SQLITE_PERM, SQLITE_READONLY:
            return ShelfError(
                .storeError, message, path: path,
                hint:
                    "give the user that runs modelshelf the right to write there, or name another place with MODELSHELF_HOME"
            )
        case SQLITE_CORRUPT, SQLITE_NOTADB:
            return ShelfError(.storeError, message, path: path, hint: damageHint)
        default:
            return ShelfError(.storeError, message, path: path)
        }
    }

    /// Marks the errors after which the database file is set aside and begun anew.
    static let damageHint = "the database is damaged; run a scan to rebuild it from the files"
}
