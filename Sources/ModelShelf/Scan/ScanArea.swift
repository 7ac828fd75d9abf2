internal import ShelfBase
internal import ShelfStore

/// One folder (or file) of a scan: where it is, to which root it belongs and what is known below it.
struct ScanArea {
    /// Absolute, links resolved.
    let place: FilePath
    let root: Root
    /// The place below its root; empty when it is the root.
    let below: FilePath
    /// The type that the caller gives to files here.
    let type: String?

    /// Resolves the folders of a request, or the registered roots, and finds their roots in the store.
    static func areas(of request: ScanRequest, in store: Store, _ policies: Policies) throws(ShelfError) -> (
        areas: [ScanArea], offline: [ShelfError]
    ) {
        var places = request.folders
        let roots = try store.read { (connection) throws(ShelfError) in try connection.roots() }
        if places.isEmpty {
            places = roots.filter(\.isRegistered).map { ScanRequest.Folder(path: $0.path) }
            guard !places.isEmpty else {
                throw ShelfError(
                    .usage, "no folder to scan", hint: "name one, or register it with: modelshelf roots add TYPE=DIR")
            }
        }
        var areas: [ScanArea] = []
        var offline: [ShelfError] = []
        for place in places {
            let absolute = Paths.absolute(place.path)
            guard let resolved = Paths.resolved(absolute) else {
                guard roots.contains(where: { absolute.relative(to: $0.path) != nil }) else {
                    throw ShelfError(.notFound, "there is no such folder", path: place.path)
                }
                offline.append(Self.offline(absolute))
                continue
            }
            let (root, below) = try store.write { (connection) throws(ShelfError) in
                try connection.ensureRoot(holding: isFile(resolved) ? resolved.parent : resolved)
            }
            let inside = isFile(resolved) ? below.appending(resolved.lastComponent) : below
            let type = try place.type.map(Shelf.typeName)
            areas.append(ScanArea(place: resolved, root: root, below: inside, type: type ?? policies.type(at: resolved)))
        }
        // A root made for a later folder may have swallowed the root of an earlier one: look them up once more.
        areas = try areas.map { (area) throws(ShelfError) in try area.refreshed(in: store) }
        // Files below a registered folder inside of another one are kept with the inner one: it is an area too.
        for root in try store.read({ (connection) throws(ShelfError) in try connection.roots() }) {
            guard !areas.contains(where: { $0.place == root.path }),
                !offline.contains(where: { $0.path == root.path }),
                let outer = areas.first(where: { root.path.relative(to: $0.place) != nil })
            else { continue }
            guard Paths.resolved(root.path) != nil else {
                offline.append(Self.offline(root.path))
                continue
            }
            areas.append(
                ScanArea(
                    place: root.path, root: root, below: FilePath(bytes: []), type: policies.type(at: root.path) ?? outer.type))
        }
        // The innermost root holds a file, the innermost place says what it is.
        areas.sort {
            ($0.root.path.bytes.count, $0.place.bytes.count) > ($1.root.path.bytes.count, $1.place.bytes.count)
        }
        return (areas, offline)
    }

    /// Whether a root none of whose files was seen looks like one whose disk is away: it is empty, or another file
    /// system than the one that it was. (The number of a file system may change when it is mounted again, so it says
    /// something only then.)
    func isOffline(in store: Store) throws(ShelfError) -> Bool {
        guard case .success(let identity) = FileIdentity.of(place) else { return true }
        let entries = (try? FolderReader.entries(of: place) { _, _ in .look }) ?? []
        guard !entries.isEmpty else { return true }
        let device = try store.read { (connection) throws(ShelfError) in try connection.device(root: root.id) }
        return device.map { $0 != identity.device } ?? false
    }

    /// Remembers the file system that a root lies on, once files were seen there.
    func rememberDevice(in store: Store) throws(ShelfError) {
        guard below.isEmpty, case .success(let identity) = FileIdentity.of(place) else { return }
        let known = try store.read { (connection) throws(ShelfError) in try connection.device(root: root.id) }
        guard known != identity.device else { return }
        try store.write { (connection) throws(ShelfError) in
            try connection.setDevice(root: root.id, identity.device)
        }
    }

    static func offline(_ path: FilePath) -> ShelfError {
        ShelfError(
            .offlineRoot, "the folder is not there or suddenly empty; what is known of it is kept", path: path,
            hint: "mount the disk again, or forget the folder with: modelshelf roots remove")
    }

    private static func isFile(_ path: FilePath) -> Bool {
        if case .success(let identity) = FileIdentity.of(path) { identity.kind == .file } else { false }
    }

    private func refreshed(in store: Store) throws(ShelfError) -> ScanArea {
        let isFile = Self.isFile(place)
        let folder = isFile ? place.parent : place
        let (root, below) = try store.write { (connection) throws(ShelfError) in
            try connection.ensureRoot(holding: folder)
        }
        return ScanArea(
            place: place, root: root, below: isFile ? below.appending(place.lastComponent) : below,
            type: type)
    }
}
