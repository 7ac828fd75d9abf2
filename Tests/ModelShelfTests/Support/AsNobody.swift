import Glibc
import ShelfBase
import ShelfTestSupport

/// Looks at files with the rights of a user who has none: the superuser could read everything.
enum AsNobody {
    private typealias SetUser = @convention(c) (UInt32) -> Int32

    /// Closes a folder to everybody while the body runs on this thread.
    static func run<Result>(_ folder: Folder, closed: FilePath, _ body: () throws -> Result) throws -> Result {
        for path in [folder.path, folder["database"], folder.models] { _ = path.withCString { chmod($0, 0o777) } }
        _ = closed.withCString { chmod($0, 0) }
        defer { _ = closed.withCString { chmod($0, 0o755) } }
        guard geteuid() == 0 else { return try body() }
        // Of this thread alone, unlike the user of the process; the header that declares it is not in the module.
        guard let symbol = dlsym(nil, "setfsuid") else { throw ShelfError(.internalError, "no setfsuid") }
        let setUser = unsafeBitCast(symbol, to: SetUser.self)
        _ = setUser(65_534)
        defer { _ = setUser(0) }
        return try body()
    }
}
