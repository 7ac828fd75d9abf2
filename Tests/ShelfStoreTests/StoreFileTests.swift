import CSQLite
import Glibc
import ShelfBase
import ShelfStore
import ShelfTestSupport
import Testing

@Suite struct StoreFileTests {
    /// Makes a database the way another program would.
    private func foreign(_ path: FilePath, _ sql: String) throws {
        var handle: OpaquePointer?
        #expect(path.withCString { sqlite3_open($0, &handle) } == SQLITE_OK)
        #expect(sqlite3_exec(handle, sql, nil, nil, nil) == SQLITE_OK)
        #expect(sqlite3_close(handle) == SQLITE_OK)
    }

    private func bytes(_ path: FilePath) throws -> [UInt8] {
        let file = try ReadableFile(path)
        return try file.bytes(at: 0, count: Int(file.size))
    }

    private func mode(_ path: FilePath) -> UInt32 {
        var status = stat()
        return path.withCString { stat($0, &status) } == 0 ? status.st_mode & 0o777 : 0
    }

    private func setting(_ store: Store, _ name: String) throws -> Int64? {
        try store.write { (connection) throws(ShelfError) in try connection.int("PRAGMA \(name)") }
    }

    @Test func aNewFile() throws {
        try Folder.use { folder in
            let store = try folder.openStore("deep/er/library.db")
            #expect(store.warnings.isEmpty)
            #expect(store.isOwnProcess)
            #expect(mode(store.path) == 0o600)
            #expect(mode(folder["deep"]) == 0o700)
            #expect(try setting(store, "application_id") == 0x4d53_4846)
            #expect(try setting(store, "user_version") ?? 0 >= 1)
            #expect(try setting(store, "foreign_keys") == 1)
            #expect(try store.integrityProblem() == nil)
            #expect(try store.count("root") == 0)
        }
    }

    @Test func reopened() throws {
        try Folder.use { folder in
            let root = try folder.openStore().root()
            let store = try folder.openStore()
            #expect(store.warnings.isEmpty)
            #expect(try store.root() == root)
        }
    }

    @Test func everyTableIsStrict() throws {
        try Folder.use { folder in
            let store = try folder.openStore()
            let loose = try store.read { (connection) throws(ShelfError) in
                var names: [String] = []
                try connection.rows(
                    """
                    SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND strict = 0
                    """
                ) { names.append($0.text(0) ?? "") }
                // SQLite's own tables are as they are.
                return names.filter { !$0.hasPrefix("sqlite_") }
            }
            #expect(loose.isEmpty)
            let error = failure { () throws(ShelfError) in
                try store.write { (connection) throws(ShelfError) in
                    try connection.run("INSERT INTO content (size, added_at) VALUES (?, 0)", .text("large"))
                }
            }
            #expect(error?.code == .storeError)
            #expect(error?.message.contains("large") == false)
        }
    }

    @Test func referencesAreKept() throws {
        try Folder.use { folder in
            let store = try folder.openStore()
            let error = failure { () throws(ShelfError) in
                try store.write { (connection) throws(ShelfError) in
                    try connection.run("INSERT INTO former_digest (content_id, sha256) VALUES (99, x'00')")
                }
            }
            #expect(error?.code == .storeError)
            #expect(try store.count("former_digest") == 0)
        }
    }

    @Test func theReaderCannotWrite() throws {
        try Folder.use { folder in
            let store = try folder.openStore()
            let error = failure { () throws(ShelfError) in
                try store.read { (connection) throws(ShelfError) in try connection.run("DELETE FROM root") }
            }
            #expect(error?.code == .storeError)
        }
    }

    @Test func aWriteIsAllOrNothing() throws {
        try Folder.use { folder in
            let store = try folder.openStore()
            let error = failure { () throws(ShelfError) in
                try store.write { (connection) throws(ShelfError) in
                    _ = try connection.ensureRoot(holding: FilePath("/a"))
                    throw ShelfError(.cancelled, "no")
                }
            }
            #expect(error?.code == .cancelled)
            #expect(try store.count("root") == 0)
            #expect(try store.root() > 0)
        }
    }

    @Test func aNewerDatabaseIsLeftAlone() throws {
        try Folder.use { folder in
            let path = try folder.openStore().path
            try foreign(path, "PRAGMA user_version = 1000")
            let error = failure { () throws(ShelfError) in _ = try Store(path) }
            #expect(error?.code == .storeError)
            #expect(error?.message.contains("newer") == true)
            #expect(error?.hint?.contains("update modelshelf") == true)
        }
    }

    @Test(arguments: [
        "CREATE TABLE t (x); INSERT INTO t VALUES (1)", "CREATE TABLE t (x); PRAGMA user_version = 1",
        "CREATE TABLE t (x); PRAGMA application_id = 7; PRAGMA user_version = 3",
        "CREATE TABLE t (x); PRAGMA application_id = 7",
    ])
    func anotherProgramsDatabaseIsNotTouched(sql: String) throws {
        try Folder.use { folder in
            let path = folder["theirs.db"]
            try foreign(path, sql)
            _ = path.withCString { chmod($0, 0o644) }
            let before = try bytes(path)
            let error = failure { () throws(ShelfError) in _ = try Store(path) }
            #expect(error?.code == .storeError)
            #expect(error?.message.contains("another program") == true)
            #expect(try bytes(path) == before)
            #expect(mode(path) == 0o644)
            #expect(!folder.exists("theirs.db-wal"))
        }
    }

    @Test func anEmptyFileIsANewDatabase() throws {
        try Folder.use { folder in
            try folder.write("library.db", "")
            let store = try folder.openStore()
            #expect(store.warnings.isEmpty)
            #expect(try store.root() > 0)
        }
    }

    @Test(arguments: [0, 1, 2]) func aDamagedFileIsSetAside(kind: Int) throws {
        try Folder.use { folder in
            _ = try folder.openStore().root()
            let path = folder["library.db"]
            try foreign(path, "PRAGMA wal_checkpoint(TRUNCATE)")
            var damaged = try bytes(path)
            switch kind {
            case 0: damaged = Array("this is no database, this is a text of some length".utf8) + damaged
            case 1: for index in 100..<min(8000, damaged.count) { damaged[index] = 0xa5 }
            default: for index in 0..<100 { damaged[index] = 0 }
            }
            try folder.write("library.db", damaged)
            let store = try folder.openStore()
            #expect(store.warnings.count == 1)
            #expect(store.warnings.first?.contains("damaged") == true)
            #expect(try store.integrityProblem() == nil)
            #expect(try store.root() > 0)
            let kept = try FolderReader.entries(of: folder.path) { name, _ in
                name.display.hasPrefix("library.db.damaged-") ? .look : .skip
            }
            #expect(kept.filter { !$0.name.display.contains("-wal") && !$0.name.display.contains("-shm") }.count == 1)
            let aside = try #require(kept.first { $0.identity?.size == Int64(damaged.count) })
            #expect(try bytes(folder.path.appending(aside.name)) == damaged)
        }
    }

    @Test func aPlaceThatCannotBeIsAStoreError() throws {
        try Folder.use { folder in
            try folder.write("file", "")
            for place in [folder["file/x/library.db"], folder.path, FilePath("/proc/nowhere/library.db")] {
                let error = failure { () throws(ShelfError) in _ = try Store(place) }
                #expect(error?.code == .storeError, "\(place)")
                #expect(error?.path != nil)
            }
        }
    }

    @Test func namesOfAnyBytes() throws {
        try Folder.use { folder in
            let path = folder.path.appending(FilePath(bytes: [0xff, 0x3f, 0x25, 0x2e]))
            let root = try Store(path).root()
            #expect(try Store(path).root() == root)
        }
    }

    /// Many open a file that is not there yet: one makes it, all use it.
    @Test func openedByManyAtOnce() throws {
        try Folder.use { folder in
            let opened = Locked<[Result<Int64, ShelfError>]>([])
            let threads = (0..<6).compactMap { number in
                ThreadHandle.start {
                    let result = Result { () throws(ShelfError) in
                        try Store(folder["library.db"]).write { (connection) throws(ShelfError) in
                            try connection.ensureRoot(holding: FilePath("/r\(number)")).root.id
                        }
                    }
                    opened.withLock { $0.append(result) }
                }
            }
            for thread in threads { thread.join() }
            let ids = try opened.withLock { $0 }.map { try $0.get() }
            #expect(Set(ids).count == threads.count)
            #expect(try folder.openStore().count("root") == Int64(threads.count))
        }
    }

    @Test func twoStoresWriteAtOnce() throws {
        try Folder.use { folder in
            let stores = [try folder.openStore(), try folder.openStore()]
            let failures = Locked<[ShelfError]>([])
            let threads = (0..<4).compactMap { number in
                ThreadHandle.start {
                    for round in 0..<40 {
                        let error = failure { () throws(ShelfError) in
                            try stores[number % 2].write { (connection) throws(ShelfError) in
                                let path = FilePath("/r\(number)/\(round)")
                                try connection.run("INSERT INTO root (path) VALUES (?)", .path(path))
                                guard try connection.int("SELECT count(*) FROM root WHERE path = ?", .path(path)) == 1
                                else {
                                    throw ShelfError(.internalError, "not there")
                                }
                            }
                        }
                        if let error { failures.withLock { $0.append(error) } }
                    }
                }
            }
            for thread in threads { thread.join() }
            #expect(failures.withLock { $0 }.isEmpty)
            for store in stores { #expect(try store.count("root") == Int64(threads.count) * 40) }
        }
    }
}
