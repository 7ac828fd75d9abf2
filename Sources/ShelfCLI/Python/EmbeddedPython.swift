internal import CPythonHost
internal import Glibc
internal import ModelShelf
internal import ModelShelfC
internal import ShelfBase

/// The interpreter inside this process. Loading libpython is all that happens before one of the `run` calls, and only
/// one of these may be made.
struct EmbeddedPython {
    private let installation: PythonInstallation
    private let program: FilePath
    private let database: FilePath?

    /// Finds and loads libpython.
    init(_ global: GlobalOptions) throws(ShelfError) {
        installation = try PythonFinder.find()
        let library = installation.library
        if let problem = library.withCString({ embed_load($0) }) {
            throw ShelfError(
                .notFound, "this libpython cannot be used: \(String(cString: problem))", path: library,
                hint: "MODELSHELF_PYTHON names another Python to use")
        }
        program = Paths.resolved(FilePath("/proc/self/exe")) ?? FilePath("modelshelf")
        database = global.database.map(Paths.absolute)
        // For the interpreter's children too.
        if global.offline { setenv("MODELSHELF_OFFLINE", "1", 1) }
    }

    /// Does what `python3 WORDS` does, and gives its exit status.
    func run(_ words: [FilePath]) -> Int32 { launch(words) { embed_run($0) } }

    /// Calls the handlers of a file; see `embed_watch`.
    func run(handlers file: FilePath, quietOutput: Bool, _ next: @escaping (Int64) -> [UInt8]?) -> Int32 {
        let source = EventSource(next)
        return launch([file]) { launch in
            embed_watch(
                launch,
                { payload, milliseconds in
                    guard let payload else { return nil }
                    let source = Unmanaged<EventSource>.fromOpaque(payload).takeUnretainedValue()
                    guard let text = source.next(Int64(milliseconds)) else { return nil }
                    return FilePath(bytes: text).withCString { strdup($0) }
                }, Unmanaged.passUnretained(source).toOpaque(), quietOutput ? 1 : 0)
        }
    }

    private final class EventSource {
        let next: (Int64) -> [UInt8]?
        init(_ next: @escaping (Int64) -> [UInt8]?) { self.next = next }
    }

    private func launch(_ words: [FilePath], _ body: (UnsafePointer<embed_launch>) -> Int32) -> Int32 {
        let folder = PackageFolder.find(program: program)
        let places = CWords([program, folder ?? FilePath(""), database ?? FilePath("")])
        return CWords([installation.program] + words).withPointers { arguments in
            places.withPointers { places in
                var launch = embed_launch(
                    count: Int32(words.count + 1), words: arguments, package_folder: folder == nil ? nil : places[1],
                    database: database == nil ? nil : places[2], program: places[0])
                return body(&launch)
            }
        }
    }
}
