internal import ShelfBase

/// Looking through folders: at the start, for new folders, now and then where reports are lacking, and after a loss.
extension DetectorLoop {
    /// Looks for roots that were not there.
    func findRoots() {
        for index in roots.indices where roots[index].appear() {
            guard let place = roots[index].place else { continue }
            for (path, stamp) in detector.known(place) where census[path] == nil { census[path] = stamp }
            if detector.options.onlyPolls || queue == nil {
                polled.insert(place)
                agenda.require(.poll, now: now)
            }
            lookThroughRoot(index)
        }
        if roots.contains(where: { $0.place == nil }) {
            agenda.done(.absent, now: now)
        } else {
            agenda.drop(.absent)
        }
    }

    func loseRoots() {
        for index in roots.indices {
            guard let place = roots[index].place, !roots[index].isThere else { continue }
            lose(index, place)
        }
    }

    private func lose(_ index: Int, _ place: FilePath) {
        Log.write(.warning, "\(place.escaped) is not there any more; what is known of it is kept until it comes back")
        roots[index].vanish()
        settling.forget(below: place)
        // Nothing is known of files whose folder is away.
        departures.cancel(below: place)
        for number in map.numbers(below: place) {
            queue?.ignore(number)
            map.remove(number)
        }
        polled = polled.filter { $0.relative(to: place) == nil }
        agenda.require(.absent, now: now)
    }

    /// Looks again through folders that may be readable now. One listing does for all that are below it.
    func revisit() {
        guard !touched.isEmpty else { return }
        let folders = touched
        touched = []
        for folder in folders {
            var above = folder
            var isCovered = false
            while !isCovered, above.parent != above, !above.parent.isEmpty {
                above = above.parent
                isCovered = folders.contains(above)
            }
            if !isCovered { lookThrough(folder, isComplete: false) }
        }
    }

    /// Does what the agenda says.
    func lookThrough() {
        if agenda.isDue(.absent, now: now) { findRoots() }
        if agenda.isDue(.reconcile, now: now) {
            loseRoots()
            let start = now
            for index in roots.indices { lookThroughRoot(index) }
            agenda.done(.reconcile, now: now, duration: now - start)
            if !polled.isEmpty { agenda.done(.poll, now: now, duration: now - start) }
            agenda.drop(.recheck)
            return
        }
        if agenda.isDue(.recheck, now: now) {
            loseRoots()
            let start = now
            // What is polled is listed soon anyway.
            for index in roots.indices where !(roots[index].place.map { polled.contains($0) } ?? true) {
                lookThroughRoot(index)
            }
            agenda.done(.recheck, now: now, duration: now - start)
            agenda.drop(.recheck)
        }
        if agenda.isDue(.poll, now: now) {
            loseRoots()
            let start = now
            for place in polled {
                if let index = roots.firstIndex(where: { $0.place == place }) {
                    lookThroughRoot(index)
                } else {
                    lookThrough(place, isComplete: true)
                }
            }
            if polled.isEmpty {
                agenda.drop(.poll)
            } else {
                agenda.done(.poll, now: now, duration: now - start)
            }
        }
    }

    func lookThroughRoot(_ index: Int) {
        guard let place = roots[index].place else { return }
        let standing = roots[index].standing
        let isReplaced = roots[index].isReplaced
        // A disk may also be unplugged while its folders are listed.
        if lookThrough(place, isComplete: true, mayEmpty: { !isReplaced && self.roots[index].standing == standing }) {
            roots[index].accept(standing)
        } else {
            lose(index, place)
        }
    }

    /// Watches a folder and those below it and notes what differs from what is known. `isComplete` also notes what is
    /// missing, which a folder that has just come cannot have.
    ///
    /// False when nothing of what is known is there although `mayEmpty` says that this is no state to believe.
    @discardableResult
    func lookThrough(_ folder: FilePath, isComplete: Bool, mayEmpty: () -> Bool = { true }) -> Bool {
        var surveyor = Surveyor()
        var count = 0
        surveyor.survey(folder, cancellation: detector.cancellation) { folder, isMount in
            count += 1
            if count % 16 == 0 { takeIn() }
            return enter(folder, isMount: isMount)
        }
        for (path, stamp) in surveyor.files where census[path] != stamp {
            settling.note(path, .seen, now: now)
        }
        guard isComplete else { return true }
        let unseen = surveyor.unreadable + unplugged(below: folder, surveyor.files)
        let missing = census.filter { path, _ in
            surveyor.files[path] == nil && path.relative(to: folder) != nil
                && !unseen.contains { path.relative(to: $0) != nil }
        }
        if !missing.isEmpty, surveyor.files.isEmpty, !mayEmpty() { return false }
        for (path, stamp) in missing { departures.note(path, size: stamp.size, now: now) }
        return true
    }

    /// Folders inside a root whose file system is not there any more.
    func unplugged(below folder: FilePath, _ files: [FilePath: FileStamp]) -> [FilePath] {
        var unplugged: [FilePath] = []
        for (mount, device) in mounts where mount != folder && mount.relative(to: folder) != nil {
            guard case .success(let identity) = FileIdentity.of(mount) else {
                unplugged.append(mount)
                continue
            }
            guard identity.device != device else { continue }
            if files.keys.contains(where: { $0.relative(to: mount) != nil }) {
                mounts[mount] = identity.device
            } else {
                unplugged.append(mount)
            }
        }
        return unplugged
    }

    private func enter(_ folder: FilePath, isMount: Bool) -> Bool {
        if isMount, mounts[folder] == nil, case .success(let identity) = FileIdentity.of(folder) {
            mounts[folder] = identity.device
        }
        if isMount, !isPolled(folder), NetworkFileSystem.holds(folder) {
            polled.insert(folder)
            agenda.require(.poll, now: now)
        }
        switch queue?.watch(folder) {
        case .watched(let number):
            return map.add(number, folder) { other in
                guard case .success(let there) = FileIdentity.of(other),
                    case .success(let here) = FileIdentity.of(folder)
                else { return false }
                return there.inode == here.inode && there.device == here.device
            }
        case .full: usePolling()
        case .refused, nil: break
        }
        return true
    }
}
