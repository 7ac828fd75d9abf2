internal import ShelfBase
internal import ShelfFormats

/// A model file as the folders show it.
struct FoundFile: Sendable {
    /// Absolute; the path by which it was reached.
    let path: FilePath
    let identity: FileIdentity
    /// Other paths that lead to the same file: links and second names.
    var otherPaths: [FilePath] = []
}

/// Walks folders for model files: each real file once, however many links lead to it.
///
/// Plain folders come first and links to folders last, so that a file is known by its own path and not by a link when
/// both are there. Hidden names, sidecars, previews and partial downloads are passed over by their names alone.
struct ModelFinder {
    private struct Node: Hashable {
        let device: UInt64
        let inode: UInt64
    }

    /// Whether a file or folder below a place is to be passed over.
    private let excludes: (FilePath) -> Bool
    private(set) var files: [FoundFile] = []
    /// Folders that could not be listed; nothing is known of what is below them.
    private(set) var problems: [ShelfError] = []
    private var indexOfFile: [Node: Int] = [:]
    private var visitedFolders: Set<Node> = []
    private var folders: [FilePath] = []
    private var linkedFolders: [FilePath] = []
    private var linkedFiles: [(FilePath, FileIdentity)] = []

    init(excludes: @escaping (FilePath) -> Bool = { _ in false }) { self.excludes = excludes }

    /// Looks through folders, or takes single files by their path.
    mutating func find(in places: [FilePath], cancellation: Cancellation) throws(ShelfError) {
        for place in places {
            switch FileIdentity.of(place) {
            case .success(let identity) where identity.kind == .folder: enter(place, identity)
            case .success(let identity) where identity.kind == .file: add(place, identity)
            case .success: problems.append(ShelfError(.unreadable, "neither a folder nor a file", path: place))
            case .failure(let error): problems.append(error)
            }
        }
        while true {
            try cancellation.check()
            if let folder = folders.popLast() {
                list(folder)
            } else if !linkedFiles.isEmpty {
                for (path, identity) in linkedFiles { add(path, identity) }
                linkedFiles = []
            } else if let folder = linkedFolders.popLast() {
                if case .success(let identity) = FileIdentity.of(folder), identity.kind == .folder {
                    enter(folder, identity)
                }
            } else {
                break
            }
        }
    }

    private mutating func enter(_ folder: FilePath, _ identity: FileIdentity) {
        if visitedFolders.insert(Node(device: identity.device, inode: identity.inode)).inserted {
            folders.append(folder)
        }
    }

    private mutating func list(_ folder: FilePath) {
        var unfinished = UnfinishedNames()
        let entries: [FolderEntry]
        do throws(ShelfError) {
            entries = try FolderReader.entries(of: folder) { name, isFile in
                if ModelFileExtensions.isHidden(name) { return .skip }
                guard isFile == true else { return .look }
                if ModelFileExtensions.isModel(name) { return .look }
                // A downloader's control file or the growing part beside a placeholder marks its model as unfinished.
                if ModelFileExtensions.isPartial(name) { unfinished.add(partial: name) }
                return .skip
            }
        } catch {
            // Gone since its own folder was listed: not a failure of anybody.
            if error.code != .notFound { problems.append(error) }
            return
        }
        for entry in entries {
            guard let identity = entry.identity else {
                if let problem = entry.problem { problems.append(problem) }
                continue
            }
            let path = folder.appending(entry.name)
            switch identity.kind {
            case .folder where excludes(path): break
            case .folder: if entry.isLink { linkedFolders.append(path) } else { enter(path, identity) }
            case .file:
                guard ModelFileExtensions.isModel(entry.name), !unfinished.covers(entry.name, identity), !excludes(path)
                else {
                    continue
                }
                if entry.isLink { linkedFiles.append((path, identity)) } else { add(path, identity) }
            case .link, .other: break
            }
        }
    }

    private mutating func add(_ path: FilePath, _ identity: FileIdentity) {
        let node = Node(device: identity.device, inode: identity.inode)
        if let index = indexOfFile[node] {
            files[index].otherPaths.append(path)
        } else {
            indexOfFile[node] = files.count
            files.append(FoundFile(path: path, identity: identity))
        }
    }
}

/// Models in one folder that a download beside them says are not whole yet.
private struct UnfinishedNames {
    private var controlled: Set<FilePath> = []
    private var partial: Set<FilePath> = []

    mutating func add(partial name: FilePath) {
        if name.pathExtension == ModelFileExtensions.controlFile { controlled.insert(name.stem) }
        partial.insert(name.stem)
    }

    /// `x.safetensors` beside `x.safetensors.aria2` is being written; beside another partial name it may be an older
    /// whole file that is downloaded again, so that only an empty placeholder is passed over.
    func covers(_ name: FilePath, _ identity: FileIdentity) -> Bool {
        controlled.contains(name) || (identity.size == 0 && partial.contains(name))
    }
}
