internal import ShelfBase
internal import ShelfHashing
internal import ShelfStore

/// Compares; writes down what is new, changed, moved and missing.
struct ScanPlanner {
    let store: Store
    let request: ScanRequest
    let cancellation: Cancellation
    let known: KnownIndex
    private var plan = ScanPlan()
    private var seenIDs: Set<Int64> = []

    init(store: Store, known: KnownIndex, request: ScanRequest, cancellation: Cancellation) {
        self.store = store
        self.known = known
        self.request = request
        self.cancellation = cancellation
    }

    /// Files that are new or changed, kept until all that is known has been met: only then is it sure what moved.
    private struct Newcomer {
        let root: Int64
        let path: FilePath
        let found: FoundFile
        let earlier: KnownFile?
        /// Its bytes are others than those that are known, even if `stat` says the same.
        var isCertain = false
    }

    mutating func plan(_ areas: [ScanArea], _ finder: ModelFinder) throws(ShelfError) -> ScanPlan {
        plan.problems = finder.problems
        let roots = try store.read { (connection) throws(ShelfError) in try connection.roots() }
        plan.seen.reserveCapacity(finder.files.count)
        plan.known.reserveCapacity(finder.files.count)
        seenIDs.reserveCapacity(finder.files.count)
        var newcomers: [Newcomer] = []
        var touched: [(KnownFile, FoundFile)] = []
        for found in finder.files {
            for (place, found) in places(found, areas) {
                guard let index = place.index else {
                    newcomers.append(Newcomer(root: place.root, path: place.path, found: found, earlier: nil))
                    continue
                }
                let file = known.files[index]
                if file.isUnchanged(found.identity), !file.isUnsettled {
                    try keep(file, found)
                } else if file.size == found.identity.size, file.modified == found.identity.modified {
                    touched.append((file, found))
                } else {
                    newcomers.append(Newcomer(root: place.root, path: place.path, found: found, earlier: file))
                }
            }
        }
        for (file, found) in touched {
            try cancellation.check()
            if try isSameBySample(file, found) {
                try settle(file, found)
            } else {
                newcomers.append(
                    Newcomer(root: file.root, path: file.path, found: found, earlier: file, isCertain: true))
            }
        }
        try takeUp(newcomers, roots)
        if request.files == nil { try findMissing(areas, finder) }
        plan.work.sort { ($0.size, $0.id) < ($1.size, $1.id) }
        return plan
    }

    private struct Place {
        let root: Int64
        let path: FilePath
        /// Where it stands in the index of what is known.
        let index: Int?
    }

    /// Where a found file is kept: at one path, and at each other of its names that has a row of its own, as a watch
    /// gives one to every name.
    private func places(_ found: FoundFile, _ areas: [ScanArea]) -> [(Place, FoundFile)] {
        guard let first = place(found, areas) else { return [] }
        guard !found.otherPaths.isEmpty else { return [(first, found)] }
        let others = ([found.path] + found.otherPaths).compactMap { path -> (Place, FoundFile)? in
            guard let other = place(path, areas), let index = other.index, index != first.index,
                !known.files[index].isMissing
            else { return nil }
            return (other, FoundFile(path: path, identity: found.identity))
        }
        return [(first, found)] + others
    }

    /// Root and path below it of a found file: a path that is known already, else the first by which it was reached.
    private func place(_ found: FoundFile, _ areas: [ScanArea]) -> Place? {
        let first = place(found.path, areas)
        // Nearly every file has one path, which decides.
        guard !found.otherPaths.isEmpty else { return first }
        return ([found.path] + found.otherPaths).lazy.compactMap { self.place($0, areas) }
            .first { $0.index.map { !self.known.files[$0].isMissing } ?? false } ?? first
    }

    private func place(_ path: FilePath, _ areas: [ScanArea]) -> Place? {
        for area in areas {
            guard let below = path.relative(to: area.root.path) else { continue }
            return Place(
                root: area.root.id, path: below, index: known.index(root: area.root.id, path: below))
        }
        return nil
    }

    private mutating func see(_ id: Int64, _ row: ScanPlan.Row, _ found: FoundFile) -> Bool {
        guard seenIDs.insert(id).inserted else { return false }
        plan.seen.append(Self.seen(id, row, found))
        return true
    }

    private mutating func addWork(_ id: Int64, _ row: ScanPlan.Row, _ found: FoundFile) {
        plan.work.append(Self.seen(id, row, found))
    }

    private static func seen(_ id: Int64, _ row: ScanPlan.Row, _ found: FoundFile) -> ScanPlan.Seen {
        ScanPlan.Seen(
            id: id, row: row, path: found.path, size: found.identity.size, device: found.identity.device)
    }

    /// A file that is as it was; its work may have been cut short.
    private mutating func keep(_ file: KnownFile, _ found: FoundFile) throws(ShelfError) {
        let row = ScanPlan.Row(root: file.root, path: file.path)
        guard see(file.id, row, found) else { return }
        plan.unchanged += 1
        if request.force {
            _ = try store.write { (connection) throws(ShelfError) in
                try connection.takeUp(root: file.root, path: file.path, found.identity, force: true)
            }
            plan.isChanged = true
            addWork(file.id, row, found)
            return
        }
        if file.isMissing {
            try store.write { (connection) throws(ShelfError) in try connection.setMissing(file.id, false) }
            plan.isChanged = true
        }
        if file.stage < (request.hash ? Stage.hashed : .headerRead) { addWork(file.id, row, found) }
        plan.known.append(file)
    }

    private mutating func settle(_ file: KnownFile, _ found: FoundFile) throws(ShelfError) {
        // Looked at within two seconds of the last write, it must be looked at once more next time.
        let unsettled = found.identity.isModified(justBefore: Clock.wallNanoseconds())
        try store.write { (connection) throws(ShelfError) in
            try connection.setIdentity(file.id, found.identity, unsettled: unsettled)
        }
        plan.isChanged = true
        try keep(file, found)
    }

    private func isSameBySample(_ file: KnownFile, _ found: FoundFile) throws(ShelfError) -> Bool {
        guard file.problemCode == nil || file.stage == .hashed else { return false }
        let stored = try store.read { (connection) throws(ShelfError) in try connection.sample(content: file.content) }
        guard let stored else {
            // Nothing to compare with: a file that was never hashed is the same if only its name's row was touched.
            return file.stage < .hashed && file.isUnchanged(found.identity)
        }
        guard let open = try? ReadableFile(found.path), let sample = try? FileSample.read(open) else { return false }
        return sample == stored
    }

    /// Decides which newcomers are old acquaintances at a new place, and gives the others a row.
    private mutating func takeUp(_ newcomers: [Newcomer], _ roots: [Root]) throws(ShelfError) {
        guard !newcomers.isEmpty else { return }
        plan.isChanged = true
        let isEmptyStore = try store.read { (connection) throws(ShelfError) in
            try connection.int("SELECT 1 FROM content LIMIT 1") == nil
        }
        // In portions: another process must get its turn to write, and a kill must not cost more than one of them.
        for start in stride(from: 0, to: newcomers.count, by: 1000) {
            try cancellation.check()
            let portion = newcomers[start..<min(start + 1000, newcomers.count)]
            let acquaintances = MovedFiles(store: store, roots: roots)
            var matches: [Int: MovedFiles.Match] = [:]
            if !isEmptyStore, !request.force {
                for (index, newcomer) in zip(portion.indices, portion) where newcomer.earlier?.isMissing ?? true {
                    matches[index] = try acquaintances.match(newcomer.found)
                }
            }
            let outcomes = try store.write { (connection) throws(ShelfError) -> [(Int64, Outcome)] in
                var outcomes: [(Int64, Outcome)] = []
                for (index, newcomer) in zip(portion.indices, portion) {
                    outcomes.append(try Self.write(newcomer, matches[index], connection))
                }
                return outcomes
            }
            for (newcomer, (id, outcome)) in zip(portion, outcomes) {
                let row = ScanPlan.Row(root: newcomer.root, path: newcomer.path)
                guard see(id, row, newcomer.found) else { continue }
                switch outcome {
                case .moved(let file):
                    plan.moved += 1
                    let root = roots.first { $0.id == file.root }
                    plan.seen[plan.seen.count - 1].movedFrom = root?.path.appending(file.path)
                case .known: plan.unchanged += 1
                case .new: plan.new += 1
                case .changed: plan.changed += 1
                }
                addWork(id, row, newcomer.found)
            }
        }
    }

    private enum Outcome {
        case new, changed, known
        /// The row as it was.
        case moved(KnownFile)
    }

    private static func write(
        _ newcomer: Newcomer, _ match: MovedFiles.Match?, _ connection: Connection
    ) throws(ShelfError) -> (Int64, Outcome) {
        let identity = newcomer.found.identity
        let isNew = newcomer.earlier == nil
        switch match {
        case .moved(let file):
            if try connection.move(file, toRoot: newcomer.root, path: newcomer.path, identity) {
                try list(file.id, connection)
                return (file.id, .moved(file))
            }
        case .copy(let file):
            let id = try connection.addCopy(of: file, root: newcomer.root, path: newcomer.path, identity)
            try list(id, connection)
            return (id, isNew ? .new : .changed)
        case nil: break
        }
        let id = try connection.takeUp(root: newcomer.root, path: newcomer.path, identity, force: newcomer.isCertain)
        return (id, isNew ? .new : .changed)
    }

    /// Files that need not be read get their place in lists here, under the name that they have now.
    private static func list(_ id: Int64, _ connection: Connection) throws(ShelfError) {
        guard let file = try connection.knownFile(id: id) else { return }
        try ListingMaker.refresh(file, content: file.content, connection)
    }

    /// What is known in the areas and was not seen is missing, unless its folder could not be looked through.
    private mutating func findMissing(_ areas: [ScanArea], _ finder: ModelFinder) throws(ShelfError) {
        // Areas may lie in each other: a file is missing once.
        var counted: Set<Int64> = []
        for area in areas {
            func isInArea(_ file: KnownFile) -> Bool {
                file.root == area.root.id && (area.below.isEmpty || file.path.relative(to: area.below) != nil)
            }
            var lost = known.files.filter { !seenIDs.contains($0.id) && isInArea($0) }
            guard !lost.isEmpty else { continue }
            let wasThere = lost.contains { !$0.isMissing }
            if wasThere, area.below.isEmpty, !plan.seen.contains(where: { $0.path.relative(to: area.place) != nil }),
                try area.isOffline(in: store)
            {
                plan.problems.append(ScanArea.offline(area.place))
                continue
            }
            lost.removeAll { file in
                let path = area.root.path.appending(file.path)
                // Reached by another path now, or below a folder that could not be listed: not known to be missing.
                if case .success = FileIdentity.of(path) { return true }
                return finder.problems.contains { $0.path.map { path.relative(to: $0) != nil } ?? false }
            }
            lost.removeAll { !counted.insert($0.id).inserted }
            plan.missing += lost.count
            let newlyLost = lost.filter { !$0.isMissing }
            guard !newlyLost.isEmpty else { continue }
            plan.isChanged = true
            try store.write { (connection) throws(ShelfError) in
                for file in newlyLost { try connection.setMissing(file.id, true) }
            }
        }
    }
}
