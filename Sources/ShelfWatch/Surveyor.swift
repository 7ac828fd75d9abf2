internal import ShelfBase
internal import ShelfFormats

/// Lists folders for model files and tells of every folder that it enters, before it lists it.
///
/// Plain folders come before folders that are reached by links, and each real folder is entered once.
struct Surveyor {
    private struct Node: Hashable {
        let device: UInt64
        let inode: UInt64
    }

    private(set) var files: [FilePath: FileStamp] = [:]
    /// Folders that could not be listed: nothing is known of what is below them.
    private(set) var unreadable: [FilePath] = []
    private var visited: Set<Node> = []
    private var folders: [(path: FilePath, device: UInt64, isMount: Bool)] = []
    private var links: [(path: FilePath, device: UInt64)] = []

    /// `enter` gets each folder and whether it is on another device than the one above it; false leaves it out.
    mutating func survey(
        _ start: FilePath, cancellation: Cancellation, enter: (FilePath, Bool) -> Bool
    ) {
        guard case .success(let identity) = FileIdentity.of(start), identity.kind == .folder else {
            unreadable.append(start)
            return
        }
        push(start, identity, from: nil)
        while !cancellation.isCancelled {
            if let folder = folders.popLast() {
                if enter(folder.path, folder.isMount) { list(folder.path, folder.device) }
            } else if let link = links.popLast() {
                guard case .success(let identity) = FileIdentity.of(link.path), identity.kind == .folder else {
                    continue
                }
                push(link.path, identity, from: link.device)
            } else {
                return
            }
        }
        // Cut short: nothing may be concluded from what was not seen.
        unreadable.append(start)
    }

    private mutating func push(_ folder: FilePath, _ identity: FileIdentity, from device: UInt64?) {
        if visited.insert(Node(device: identity.device, inode: identity.inode)).inserted {
            folders.append((folder, identity.device, identity.device != device))
        }
    }

    private mutating func list(_ folder: FilePath, _ device: UInt64) {
        let entries: [FolderEntry]
        do throws(ShelfError) {
            entries = try FolderReader.entries(of: folder) { name, isFile in
                if ModelFileExtensions.isHidden(name) { return .skip }
                return isFile == true && !ModelFileExtensions.isModel(name) ? .skip : .look
            }
        } catch {
            unreadable.append(folder)
            return
        }
        for entry in entries {
            guard let identity = entry.identity else { continue }
            let path = folder.appending(entry.name)
            switch identity.kind {
            case .folder: if entry.isLink { links.append((path, device)) } else { push(path, identity, from: device) }
            case .file: if ModelFileExtensions.isModel(entry.name) { files[path] = FileStamp(identity) }
            case .link, .other: break
            }
        }
    }
}
