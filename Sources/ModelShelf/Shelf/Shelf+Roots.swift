public import ShelfBase
internal import ShelfStore

extension Shelf {
    /// `{"roots":[{"path","type","state","files"}]}`
    public func roots() throws(ShelfError) -> JSONObject {
        try checkUse()
        return try store.read { (connection) throws(ShelfError) in
            let roots = try connection.roots().filter(\.isRegistered)
            let items = try roots.map { (root) throws(ShelfError) -> JSONValue in
                let isThere =
                    if case .success(let identity) = FileIdentity.of(root.path) { identity.kind == .folder } else {
                        false
                    }
                return .object([
                    "path": .string(root.path.display), "path_bytes": .optional(root.path.base64IfNotUTF8),
                    "type": .optional(root.type), "state": .string(isThere ? "online" : "offline"),
                    "files": .int(Int64(try connection.countFiles(root: root.id))),
                ])
            }
            return ["roots": .array(items)]
        }
    }

    /// Registers a folder as a root, links resolved; with a type, its files have that type unless they tell another.
    public func addRoot(_ path: FilePath, type: String?) throws(ShelfError) {
        try checkUse()
        guard let resolved = Paths.resolved(Paths.absolute(path)) else {
            throw ShelfError(.notFound, "there is no such folder", path: path)
        }
        if case .success(let identity) = FileIdentity.of(resolved), identity.kind != .folder {
            throw ShelfError(.usage, "a root is a folder", path: path)
        }
        let name = try type.map(Self.typeName)
        try store.write { (connection) throws(ShelfError) in try connection.registerRoot(resolved, type: name) }
    }

    /// Forgets a root; what is known of its files stays.
    public func removeRoot(_ path: FilePath) throws(ShelfError) {
        try checkUse()
        let absolute = Paths.absolute(path)
        let removed = try store.write { (connection) throws(ShelfError) in
            if try connection.unregisterRoot(absolute) { return true }
            guard let resolved = Paths.resolved(absolute) else { return false }
            return try connection.unregisterRoot(resolved)
        }
        guard removed else {
            throw ShelfError(.notFound, "it is no root", path: path, hint: "modelshelf roots lists them")
        }
    }
}
