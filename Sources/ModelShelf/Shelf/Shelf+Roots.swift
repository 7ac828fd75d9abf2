public import ShelfBase
internal import ShelfStore

extension Shelf {
    /// `{"roots":[{"path","type","state","files",…}]}`: the folders that the user registered, and those of the
    /// configuration, with what each says of itself (``RootSettings``) and where that is written (`source`).
    public func roots() throws(ShelfError) -> JSONObject {
        try checkUse()
        let policies = try policies()
        return try store.read { (connection) throws(ShelfError) in
            let roots = try connection.roots().filter(\.isRegistered)
            let items = try roots.map { (root) throws(ShelfError) -> JSONValue in
                let isThere =
                    if case .success(let identity) = FileIdentity.of(root.path) { identity.kind == .folder } else {
                        false
                    }
                let settings = policies.entries.first { $0.path == root.path }?.settings ?? RootSettings(root)
                var item: JSONObject = [
                    "path": .string(root.path.display), "path_bytes": .optional(root.path.base64IfNotUTF8),
                    "type": .optional(settings.type), "state": .string(isThere ? "online" : "offline"),
                    "files": .int(Int64(try connection.countFiles(root: root.id))),
                    "source": .string(root.nameInConfiguration == nil ? "library" : "configuration"),
                ]
                for member in settings.json.members where item[member.key] == nil { item[member.key] = member.value }
                return .object(item)
            }
            return ["roots": .array(items)]
        }
    }

    /// Registers a folder as a root, links resolved; with a type, its files have that type unless they tell another.
    public func addRoot(_ path: FilePath, type: String?) throws(ShelfError) {
        var settings = RootSettings()
        settings.type = type
        try addRoot(path, settings)
    }

    /// Registers a folder as a root, links resolved, or changes what holds for one. What `settings` leaves open stays as
    /// it was.
    public func addRoot(_ path: FilePath, _ settings: RootSettings) throws(ShelfError) {
        try checkUse()
        guard let resolved = Paths.resolved(Paths.absolute(path)) else {
            throw ShelfError(.notFound, "there is no such folder", path: path)
        }
        if case .success(let identity) = FileIdentity.of(resolved), identity.kind != .folder {
            throw ShelfError(.usage, "a root is a folder", path: path)
        }
        let wanted = try settings.checked()
        _ = try policies()
        let file = HomeFolder.configuration()
        try store.write { (connection) throws(ShelfError) in
            let known = try connection.roots().first { $0.path == resolved }
            guard known?.nameInConfiguration == nil else {
                throw ShelfError(
                    .usage, "the configuration names the folder, and decides about it", path: path,
                    hint: "change it in \(file.display)")
            }
            let whole = wanted.over(known?.isRegistered == true ? known.map { RootSettings($0) } ?? wanted : wanted)
            var kept = whole.json
            for key in ["type", "lookup"] { kept[key] = nil }
            try connection.registerRoot(
                resolved, type: whole.type, allowsLookup: whole.lookup ?? true, settings: kept)
        }
    }

    /// Forgets a root, and what held for it; what is known of its files stays.
    public func removeRoot(_ path: FilePath) throws(ShelfError) {
        try checkUse()
        let absolute = Paths.absolute(path)
        let names = [absolute] + [Paths.resolved(absolute)].compactMap { $0 }
        let file = HomeFolder.configuration()
        let removed = try store.write { (connection) throws(ShelfError) in
            for name in names where try connection.unregisterRoot(name) { return true }
            let isConfigured = try connection.roots().contains {
                $0.nameInConfiguration != nil && names.contains($0.path)
            }
            guard isConfigured else { return false }
            throw ShelfError(
                .usage, "the configuration names the folder", path: path, hint: "take it out of \(file.display)")
        }
        guard removed else {
            throw ShelfError(.notFound, "it is no root", path: path, hint: "modelshelf roots lists them")
        }
    }
}
