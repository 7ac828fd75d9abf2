internal import ShelfBase

/// The core's answer to `hash`, by file.
struct HashResults {
    enum Entry {
        case hashes(JSONObject)
        case failure(ErrorCode, String)
    }

    private var entries: [FilePath: Entry] = [:]

    init(_ document: JSONObject) {
        for file in document["files"]?.array ?? [] {
            if let path = Self.path(file) { entries[path] = .hashes(file["hashes"]?.object ?? [:]) }
        }
        for failure in document["failed"]?.array ?? [] {
            guard let path = Self.path(failure) else { continue }
            let code = failure["code"]?.string.map { ErrorCode(rawValue: $0) } ?? .internalError
            entries[path] = .failure(code, failure["message"]?.string ?? "failed")
        }
    }

    /// What became of a file, by the name that was given for it.
    subscript(path: FilePath) -> Entry? { entries[path] ?? entries[Paths.absolute(path)] }

    /// The path of an item: its bytes where the text cannot carry them.
    static func path(_ item: JSONValue) -> FilePath? {
        if let bytes = item["path_bytes"]?.string.flatMap({ Base64.decode($0) }) { return FilePath(bytes: bytes) }
        return item["path"]?.string.map { FilePath($0) }
    }
}
