import CSQLite
import Glibc
import ShelfBase
import ShelfTestSupport
import Testing

@testable import ShelfStore

/// Databases that an older modelshelf has written.
@Suite struct UpgradeTests {
    /// A database whose tables are those of `version`, with one folder and one file in it.
    private func old(_ version: Int, _ path: FilePath) throws {
        var handle: OpaquePointer?
        defer { sqlite3_close(handle) }
        #expect(path.withCString { sqlite3_open($0, &handle) } == SQLITE_OK)
        let sql =
            Schema.migrations[..<version].joined()
                + """
                INSERT INTO root(id, path, device, registered) VALUES (1, CAST('/models' AS BLOB), 1, 1);
                INSERT INTO content(id, size, sha256, added_at) VALUES (5, 3, zeroblob(32), 1);
                INSERT INTO location(id, root_id, path, content_id, size, modified_ns, changed_ns, inode, device, added_at)
                VALUES (7, 1, CAST('a.safetensors' AS BLOB), 5, 3, 1, 1, 1, 1, 1);
                PRAGMA application_id = \(Schema.applicationID); PRAGMA user_version = \(version);
                """
        var message: UnsafeMutablePointer<CChar>?
        let code = sqlite3_exec(handle, sql, nil, nil, &message)
        #expect(code == SQLITE_OK, "\(message.map { String(cString: $0) } ?? "")")
    }

    private func version(_ path: FilePath) -> Int64? {
        var handle: OpaquePointer?
        var statement: OpaquePointer?
        defer {
            sqlite3_finalize(statement)
            sqlite3_close(handle)
        }
        guard path.withCString({ sqlite3_open_v2($0, &handle, SQLITE_OPEN_READONLY, nil) }) == SQLITE_OK,
            sqlite3_prepare_v2(handle, "PRAGMA user_version", -1, &statement, nil) == SQLITE_OK,
            sqlite3_step(statement) == SQLITE_ROW
        else { return nil }
        return sqlite3_column_int64(statement, 0)
    }

    private func copies(in folder: FilePath) throws -> [String] {
        let listing = try #require(folder.withCString { opendir($0) })
        defer { closedir(listing) }
        var names: [String] = []
        while let entry = readdir(listing) {
            names.append(
                withUnsafePointer(to: &entry.pointee.d_name) {
                    $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
                })
        }
        return names.filter { $0.contains(".copy-") }
    }

    @Test(arguments: 1..<Schema.migrations.count) func ofEveryVersion(version: Int) throws {
        try Folder.use { folder in
            let path = folder.path.appending(FilePath(bytes: [0xff, 0x20] + Array("old.db".utf8)))
            try old(version, path)
            let store = try Store(path)
            #expect(store.warnings.isEmpty)
            #expect(try store.count("location") == 1)
            #expect(try store.count("root") == 1)
            #expect(self.version(path) == Int64(Schema.migrations.count))
            #expect(try store.integrityProblem() == nil)
            let kept = FilePath(bytes: path.bytes + StoreFile.beforeMigration(Int64(version)))
            #expect(self.version(kept) == Int64(version))
            var status = stat()
            #expect(kept.withCString { stat($0, &status) } == 0 && status.st_mode & 0o777 == 0o600)
            #expect(try copies(in: folder.path).isEmpty)
        }
    }

    @Test func byManyAtOnce() throws {
        try Folder.use { folder in
            let path = folder["old.db"]
            try old(1, path)
            let pool = WorkerPool(threads: 4)
            let failures = Locked<[String]>([])
            for _ in 0..<8 {
                pool.submit {
                    do { _ = try Store(path) } catch { failures.withLock { $0.append("\(error)") } }
                }
            }
            pool.finish()
            #expect(failures.withLock { $0 } == [])
            #expect(version(path) == Int64(Schema.migrations.count))
            #expect(try copies(in: folder.path).isEmpty)
            #expect(version(FilePath(bytes: path.bytes + StoreFile.beforeMigration(1))) == 1)
        }
    }
}
