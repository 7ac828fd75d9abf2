internal import ShelfBase
internal import ShelfStore

/// What the store knows of the areas of a scan, found by path.
struct KnownIndex: Sendable {
    private(set) var files: [KnownFile] = []
    private var indexOfPath: [Int64: [FilePath: Int]] = [:]

    /// The file known at a path below a root, as its place in ``files``.
    func index(root: Int64, path: FilePath) -> Int? { indexOfPath[root]?[path] }

    /// Everything below the areas, or of them the named files only.
    init(_ areas: [ScanArea], _ store: Store, files names: [FilePath]? = nil) throws(ShelfError) {
        if let names {
            try load(names, areas, store)
            return
        }
        for area in areas {
            let known = try store.read { (connection) throws(ShelfError) in
                try connection.knownFiles(root: area.root.id, below: area.below)
            }
            files.reserveCapacity(files.count + known.count)
            var paths = indexOfPath.removeValue(forKey: area.root.id) ?? [:]
            paths.reserveCapacity(paths.count + known.count)
            for file in known where paths[file.path] == nil {
                paths[file.path] = files.count
                files.append(file)
            }
            indexOfPath[area.root.id] = paths
        }
    }

    private mutating func load(_ names: [FilePath], _ areas: [ScanArea], _ store: Store) throws(ShelfError) {
        let known = try store.read { (connection) throws(ShelfError) -> [KnownFile] in
            try names.compacted { (name) throws(ShelfError) -> KnownFile? in
                for area in areas {
                    guard let below = name.relative(to: area.root.path) else { continue }
                    return try connection.knownFile(root: area.root.id, path: below)
                }
                return nil
            }
        }
        for file in known where indexOfPath[file.root]?[file.path] == nil {
            indexOfPath[file.root, default: [:]][file.path] = files.count
            files.append(file)
        }
    }

    /// Reads the store on a thread of its own, so that the folders are walked meanwhile.
    static func load(
        _ areas: [ScanArea], _ store: Store, files: [FilePath]? = nil
    ) -> () throws(ShelfError) -> KnownIndex {
        let answer = Mailbox<Result<KnownIndex, ShelfError>>()
        let work: @Sendable () -> Void = {
            answer.post(Result { () throws(ShelfError) in try KnownIndex(areas, store, files: files) })
        }
        let thread = ThreadHandle.start(work)
        if thread == nil { work() }
        return { () throws(ShelfError) in
            defer { thread?.join() }
            guard let result = answer.receive(milliseconds: -1) else {
                throw ShelfError(.internalError, "the store gave no answer")
            }
            return try result.get()
        }
    }
}
