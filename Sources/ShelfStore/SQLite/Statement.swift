internal import CSQLite
public import ShelfBase

/// A value that goes into a statement.
public enum SQLValue: Sendable {
    case null
    case int(Int64)
    case double(Double)
    case text(String)
    case blob([UInt8])

    public static func int(_ value: Int) -> SQLValue { .int(Int64(value)) }
    public static func bool(_ value: Bool) -> SQLValue { .int(value ? 1 : 0) }
    public static func path(_ path: FilePath) -> SQLValue { .blob(path.bytes) }
    public static func optional(_ value: Int64?) -> SQLValue { value.map { .int($0) } ?? .null }
    public static func optional(_ value: String?) -> SQLValue { value.map { .text($0) } ?? .null }
    public static func optional(_ value: [UInt8]?) -> SQLValue { value.map { .blob($0) } ?? .null }
    /// SQLite's integers are signed: inode and device numbers are stored by their bits.
    public static func bits(_ value: UInt64) -> SQLValue { .int(Int64(bitPattern: value)) }
}

/// A prepared statement and, while it runs, its current row.
public final class Statement {
    private let handle: OpaquePointer
    private unowned let connection: Connection

    init(_ connection: Connection, _ sql: String) throws(ShelfError) {
        var handle: OpaquePointer?
        let code = sqlite3_prepare_v3(connection.handle, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &handle, nil)
        guard code == SQLITE_OK, let handle else {
            throw SQLiteFailure.error(code, connection.handle, during: "prepare a statement")
        }
        self.handle = handle
        self.connection = connection
    }

    deinit { sqlite3_finalize(handle) }

    func reset() {
        sqlite3_reset(handle)
        sqlite3_clear_bindings(handle)
    }

    public func bind(_ values: [SQLValue]) throws(ShelfError) {
        for (index, value) in values.enumerated() {
            let position = Int32(index + 1)
            let code =
                switch value {
                case .null: sqlite3_bind_null(handle, position)
                case .int(let number): sqlite3_bind_int64(handle, position, number)
                case .double(let number): sqlite3_bind_double(handle, position, number)
                case .text(let text): Self.bindText(handle, position, text)
                case .blob(let bytes):
                    // A null pointer would bind NULL, and an empty value is not the same as none.
                    bytes.isEmpty
                        ? sqlite3_bind_zeroblob(handle, position, 0)
                        : bytes.withUnsafeBytes {
                            sqlite3_bind_blob64(
                                handle, position, $0.baseAddress, UInt64($0.count), shelf_sqlite_transient())
                        }
                }
            guard code == SQLITE_OK else {
                throw SQLiteFailure.error(code, connection.handle, during: "bind a value")
            }
        }
    }

    /// Moves to the next row; false when there is none.
    public func step() throws(ShelfError) -> Bool {
        let code = sqlite3_step(handle)
        switch code {
        case SQLITE_ROW: return true
        case SQLITE_DONE: return false
        default: throw SQLiteFailure.error(code, connection.handle, during: "run a statement")
        }
    }

    public func isNull(_ column: Int32) -> Bool { sqlite3_column_type(handle, column) == SQLITE_NULL }

    public func int(_ column: Int32) -> Int64? { isNull(column) ? nil : sqlite3_column_int64(handle, column) }

    public func int(_ column: Int32, or fallback: Int64) -> Int64 { int(column) ?? fallback }

    public func bits(_ column: Int32) -> UInt64 { UInt64(bitPattern: sqlite3_column_int64(handle, column)) }

    public func text(_ column: Int32) -> String? {
        guard let text = sqlite3_column_text(handle, column) else { return nil }
        let count = Int(sqlite3_column_bytes(handle, column))
        return String(decoding: UnsafeBufferPointer(start: text, count: count), as: UTF8.self)
    }

    public func blob(_ column: Int32) -> [UInt8]? {
        guard !isNull(column) else { return nil }
        let count = Int(sqlite3_column_bytes(handle, column))
        guard count > 0, let base = sqlite3_column_blob(handle, column) else { return [] }
        return Array(UnsafeRawBufferPointer(start: base, count: count))
    }

    public func path(_ column: Int32) -> FilePath { FilePath(bytes: blob(column) ?? []) }

    private static func bindText(_ handle: OpaquePointer, _ position: Int32, _ text: String) -> Int32 {
        var text = text
        return text.withUTF8 {
            guard let base = $0.baseAddress else {
                return sqlite3_bind_text(handle, position, "", 0, shelf_sqlite_transient())
            }
            return sqlite3_bind_text64(
                handle, position, UnsafeRawPointer(base).assumingMemoryBound(to: CChar.self), UInt64($0.count),
                shelf_sqlite_transient(), UInt8(SQLITE_UTF8))
        }
    }
}
