internal import Glibc
internal import ShelfBase
internal import ShelfFormats

/// What the kernel's reports mean.
extension DetectorLoop {
    func handle(_ event: FolderEvent) {
        if event.has(Int(IN_Q_OVERFLOW)) {
            Log.write(.info, "more happened than the kernel's queue holds; the folders are looked through")
            agenda.hasten(.reconcile, now: now)
            return
        }
        if event.has(Int(IN_IGNORED)) {
            if let folder = map.path(event.number) {
                if ended.count >= Self.endedAtOnce { ended = [] }
                ended.insert(folder)
            }
            return map.remove(event.number)
        }
        guard let folder = map.path(event.number) else { return }
        if event.has(Int(IN_DELETE_SELF)) || event.has(Int(IN_MOVE_SELF)) || event.has(Int(IN_UNMOUNT)) {
            // Folders below a root are told of by the folder that holds them.
            if roots.contains(where: { $0.place == folder }) { loseRoots() }
            return
        }
        if event.name.isEmpty, event.has(Int(IN_ATTRIB)) { touched.insert(folder) }
        guard !event.name.isEmpty else { return }
        if ModelFileExtensions.isHidden(event.name) {
            // Names with a dot are passed over, but what was renamed to one is gone.
            if event.has(Int(IN_MOVED_TO)), let half = pairs.arrive(event.cookie) { left(half) }
            return
        }
        let path = folder.appending(event.name)
        if event.has(Int(IN_CREATE)) || event.has(Int(IN_MOVED_TO)), let half = pairs.replaced(path) { left(half) }
        if event.isFolder { handleFolder(event, path) } else { handleFile(event, path) }
    }

    private func handleFolder(_ event: FolderEvent, _ path: FilePath) {
        if event.has(Int(IN_CREATE)) {
            lookThrough(path, isComplete: false)
        } else if event.has(Int(IN_MOVED_FROM)) {
            pairs.leave(event.cookie, path, isFolder: true, now: now)
        } else if event.has(Int(IN_MOVED_TO)) {
            let half = pairs.arrive(event.cookie)
            if let half, half.isFolder { renameFolder(half.path, to: path) }
            lookThrough(path, isComplete: false)
            // Two folders that took each other's place.
            if let half, case .success(let there) = FileIdentity.of(half.path), there.kind == .folder {
                lookThrough(half.path, isComplete: false)
            }
        } else if event.has(Int(IN_DELETE)) {
            // It was empty by then, and what had been in it was told of, if it was watched to its end.
            if ended.remove(path) != nil, !isPolled(path) {
                agenda.require(.recheck, now: now)
            } else {
                folderLeft(path)
            }
        } else if event.has(Int(IN_ATTRIB)) {
            touched.insert(path)
        }
    }

    private func handleFile(_ event: FolderEvent, _ path: FilePath) {
        if event.has(Int(IN_MOVED_FROM)) || event.has(Int(IN_DELETE)) {
            // The end of a download is told by the end of its control file.
            if event.name.pathExtension == ModelFileExtensions.controlFile {
                let model = path.parent.appending(path.stem)
                if settling.isPending(model) { settling.note(model, .released, now: now) }
            }
            if map.number(path) != nil { return folderLeft(path) }
        }
        guard ModelFileExtensions.isModel(event.name) else {
            if event.has(Int(IN_MOVED_FROM)) { return pairs.leave(event.cookie, path, isFolder: false, now: now) }
            if event.has(Int(IN_MOVED_TO)), let half = pairs.arrive(event.cookie) { fileLeft(half.path) }
            if event.has(Int(IN_CREATE)) || event.has(Int(IN_MOVED_TO)) { lookThroughLink(path) }
            return
        }
        if event.has(Int(IN_CREATE)) {
            settling.note(path, .created, now: now)
        } else if event.has(Int(IN_CLOSE_WRITE)) {
            settling.note(path, .closed, now: now)
        } else if event.has(Int(IN_MOVED_FROM)) {
            pairs.leave(event.cookie, path, isFolder: false, now: now)
        } else if event.has(Int(IN_MOVED_TO)) {
            let half = pairs.arrive(event.cookie)
            if let half, ModelFileExtensions.isModel(half.path) {
                renameFile(half.path, to: path)
            } else {
                settling.note(path, .movedIn(wasSettled: false), now: now)
            }
        } else if event.has(Int(IN_DELETE)) {
            fileLeft(path)
        } else if event.has(Int(IN_ATTRIB)), census[path] != nil {
            // Touched, or readable now: what the library knows of its times and its mode is out of date.
            settling.note(path, .closed, now: now)
        }
    }

    private func renameFile(_ path: FilePath, to other: FilePath) {
        let origin = origins.removeValue(forKey: path) ?? path
        let isPending = settling.isPending(path)
        let isSettled = census[path] != nil
        fileLeftKeepingCandidate(path)
        settling.rename(path, to: other, now: now)
        if !settling.isPending(other) || !isPending {
            settling.note(other, .movedIn(wasSettled: isSettled), now: now)
        }
        origins[other] = origin
        // Two files that took each other's place are told as two renames, after which both names are taken.
        if case .success(let identity) = FileIdentity.of(path), identity.kind == .file {
            settling.note(path, .seen, now: now)
        }
    }

    private func fileLeftKeepingCandidate(_ path: FilePath) {
        if let stamp = census[path] { departures.note(path, size: stamp.size, now: now) }
    }

    private func renameFolder(_ folder: FilePath, to other: FilePath) {
        agenda.require(.recheck, now: now)
        map.rename(folder, to: other)
        let names = Set(census.keys.filter { $0.relative(to: folder) != nil } + settling.paths(below: folder))
        for path in names {
            guard let below = path.relative(to: folder) else { continue }
            renameFile(path, to: other.appending(below))
        }
        if let place = polled.first(where: { $0 == folder }) {
            polled.remove(place)
            polled.insert(other)
        }
    }

    /// A link to a folder is reported like a file.
    private func lookThroughLink(_ path: FilePath) {
        guard case .success(let link) = FileIdentity.of(path, followLinks: false), link.kind == .link,
            case .success(let target) = FileIdentity.of(path), target.kind == .folder
        else { return }
        // A link that was put in the place of another: what that one led to is not here any more.
        if map.number(path) != nil { folderLeft(path) }
        lookThrough(path, isComplete: false)
    }
}
