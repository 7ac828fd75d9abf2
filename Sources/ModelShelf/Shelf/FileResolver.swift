internal import ShelfBase
internal import ShelfCivitai
internal import ShelfHashing
internal import ShelfStore

/// Finds the files that a person means by a path, a name, a hash, a Civitai URL or AIR, `model:ID` or `version:ID`.
struct FileResolver {
    private let connection: Connection

    init(_ connection: Connection) { self.connection = connection }

    /// The one file that is meant.
    func one(_ what: FilePath) throws(ShelfError) -> KnownFile {
        let found = try all(what)
        guard let first = found.first else {
            let exists = Paths.resolved(Paths.absolute(what)) != nil
            throw ShelfError(
                .notFound,
                exists
                    ? "it is not in the library yet"
                    : "nothing in the library is called that: \(Redaction.text(what.escaped))",
                path: exists ? what : nil,
                hint: exists ? "scan its folder first" : "modelshelf list shows what there is")
        }
        // Copies of one content are one model: the first that is there stands for it.
        guard found.allSatisfy({ $0.content == first.content }) else {
            let maker = try RecordMaker(connection)
            throw ShelfError(
                .ambiguous, "\(what.escaped) fits \(found.count) files", hint: "name one by its path or hash",
                candidates: found.prefix(20).map { maker.path(of: $0).display })
        }
        return found.first { !$0.isMissing } ?? first
    }

    /// Every file that is meant; empty when nothing is.
    func all(_ what: FilePath) throws(ShelfError) -> [KnownFile] {
        guard !what.isEmpty else { return [] }
        if let file = try file(at: Paths.absolute(what)) { return [file] }
        if let reference = CivitaiReference.parse(what.display) {
            let found = try files(reference)
            if !found.isEmpty { return found }
        }
        // The names of two files whose bytes are no text may look the same: then only the path tells.
        var ids = what.isUTF8 ? try connection.locations(named: what.display) : []
        if ids.isEmpty { ids = try connection.locations(pathSuffix: what) }
        return try ids.compacted { (id) throws(ShelfError) in try connection.knownFile(id: id) }
    }

    /// The file known at an absolute path, or under another path that leads to the same place.
    func file(at path: FilePath) throws(ShelfError) -> KnownFile? {
        if let file = try file(named: path) { return file }
        guard let resolved = Paths.resolved(path) else { return nil }
        guard case .success(let identity) = FileIdentity.of(resolved), identity.kind == .file else { return nil }
        return try connection.knownFiles(inode: identity.inode, size: identity.size).first { $0.isUnchanged(identity) }
    }

    /// The file known under this very name, links in it followed or not.
    func file(named path: FilePath) throws(ShelfError) -> KnownFile? {
        if let file = try row(path) { return file }
        if let resolved = Paths.resolved(path) { return try row(resolved) }
        // A missing file may be named through a folder that is a link.
        guard let folder = Paths.resolved(path.parent) else { return nil }
        return try row(folder.appending(path.lastComponent))
    }

    private func row(_ path: FilePath) throws(ShelfError) -> KnownFile? {
        for root in try connection.roots() {
            guard let below = path.relative(to: root.path) else { continue }
            if let file = try connection.knownFile(root: root.id, path: below) { return file }
        }
        return nil
    }

    private func files(_ reference: CivitaiReference) throws(ShelfError) -> [KnownFile] {
        var contents: [Int64] = []
        if let hash = reference.hash, !BogusDigest.contains(hash) {
            contents = try connection.contents(digest: hash)
        } else if reference.modelID != nil || reference.versionID != nil {
            contents = try connection.contents(model: reference.modelID, version: reference.versionID)
        } else if let number = reference.number {
            contents = try connection.contents(model: number, version: nil)
            if contents.isEmpty { contents = try connection.contents(model: nil, version: number) }
        }
        var files: [KnownFile] = []
        for content in contents { files += try connection.knownFiles(content: content) }
        return files
    }
}
