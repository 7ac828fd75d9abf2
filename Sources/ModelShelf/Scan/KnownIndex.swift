internal import ShelfBase
internal import ShelfStore

/// What the store knows of the areas of a scan, found by path.
struct KnownIndex: Sendable {
    private(set) var files: [KnownFile] = []
    private var indexOfPath: [Int64: [FilePath: Int]] = [:]

    /// The file known at a path below a root, as its place in ``files``.
    func index(root: Int64, path: FilePath) -> Int? { indexOfPath[root]?[path] }

    init(_ areas: [ScanArea], _ store: Store) throws(ShelfError) {
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

    /// Reads the store on a thread of its own, so that the folders are walked meanwhile.
    static func load(_ areas: [ScanArea], _ store: Store) -> () throws(ShelfError) -> KnownIndex {
        let answer = Mailbox<Result<KnownIndex, ShelfError>>()
        let work: @Sendable () -> Void = {
            answer.post(Result { () throws(ShelfError) in try KnownIndex(areas, store) })
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
