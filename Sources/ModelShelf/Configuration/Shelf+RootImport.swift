public import ShelfBase
internal import ShelfIdentify
internal import ShelfStore

/// What became of the folders that a file names.
public struct RootImport: Sendable {
    public struct Imported: Sendable {
        public var path: FilePath
        public var type: String?
        /// The kinds of folder, in the file's words.
        public var keys: [String]
    }

    public struct Skipped: Sendable {
        public var path: FilePath
        public var key: String
        public var reason: String
    }

    public var imported: [Imported] = []
    public var skipped: [Skipped] = []

    public init() {}

    public var json: JSONObject {
        [
            "imported": .array(
                imported.map {
                    .object([
                        "path": .string($0.path.display), "path_bytes": .optional($0.path.base64IfNotUTF8),
                        "type": .optional($0.type), "keys": .strings($0.keys),
                    ])
                }),
            "skipped": .array(
                skipped.map {
                    .object([
                        "path": .string($0.path.display), "path_bytes": .optional($0.path.base64IfNotUTF8),
                        "key": .string($0.key), "reason": .string($0.reason),
                    ])
                }),
        ]
    }
}

extension Shelf {
    /// Registers the folders that a file like ComfyUI's `extra_model_paths.yaml` names, each with the type that its kind
    /// has. What is not there, or holds no models, is passed over and told.
    ///
    /// - Parameter dryRun: only tell what would be done.
    public func importRoots(_ file: FilePath, dryRun: Bool = false) throws(ShelfError) -> RootImport {
        try checkUse()
        let paths = try ExtraModelPaths(
            SettingsFile.bytes(file), path: file, home: HomeFolder.ofUser(), environment: { Environment.path($0) })
        _ = try policies()
        var known = try store.read { (connection) throws(ShelfError) in try connection.roots() }.filter(\.isRegistered)
        var report = RootImport()
        for wanted in Self.wanted(paths, &report) {
            if let root = known.first(where: { $0.path == wanted.path }) {
                let type = RootSettings(root).type
                let isSame = type == wanted.settings.type || wanted.settings.type == nil
                if isSame || root.nameInConfiguration != nil || type != nil {
                    report.skip(wanted, isSame ? "it is registered already" : "it is registered as \(type ?? "-") already")
                    continue
                }
            }
            do throws(ShelfError) {
                if !dryRun { try addRoot(wanted.path, wanted.settings) }
                report.imported.append(
                    RootImport.Imported(path: wanted.path, type: wanted.settings.type, keys: wanted.keys))
                known = try store.read { (connection) throws(ShelfError) in try connection.roots() }.filter(
                    \.isRegistered)
            } catch {
                guard error.code == .usage else { throw error }
                report.skip(wanted, error.message)
            }
        }
        return report
    }

    fileprivate struct Wanted {
        let path: FilePath
        var keys: [String]
        var settings = RootSettings()
    }

    /// Each folder once, links resolved. One that holds models of several kinds has no type: their headers tell.
    private static func wanted(_ paths: ExtraModelPaths, _ report: inout RootImport) -> [Wanted] {
        var all: [Wanted] = []
        for folder in paths.folders {
            func skip(_ reason: String) {
                report.skipped.append(RootImport.Skipped(path: folder.path, key: folder.key, reason: reason))
            }
            let meaning = ComfyUIFolders.table[folder.key] ?? .models
            if meaning == .nothing {
                skip("a folder of this kind holds no models")
                continue
            }
            guard let resolved = Paths.resolved(folder.path) else {
                skip("it is not there")
                continue
            }
            guard case .success(let identity) = FileIdentity.of(resolved), identity.kind == .folder else {
                skip("it is no folder")
                continue
            }
            var settings = RootSettings()
            if case .type(let type) = meaning { settings.type = type.rawValue }
            if folder.isDefault { settings.isDefault = true }
            if let index = all.firstIndex(where: { $0.path == resolved }) {
                if all[index].settings.type != settings.type { all[index].settings.type = nil }
                if !all[index].keys.contains(folder.key) { all[index].keys.append(folder.key) }
            } else {
                all.append(Wanted(path: resolved, keys: [folder.key], settings: settings))
            }
        }
        // A folder around others comes first, so that each is told apart from it.
        return all.sorted { $0.path.bytes.count < $1.path.bytes.count }
    }
}

extension RootImport {
    fileprivate mutating func skip(_ wanted: Shelf.Wanted, _ reason: String) {
        skipped.append(Skipped(path: wanted.path, key: wanted.keys.joined(separator: ", "), reason: reason))
    }
}
