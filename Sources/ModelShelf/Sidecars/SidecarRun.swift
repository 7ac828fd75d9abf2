public import ShelfBase
internal import ShelfSidecars
internal import ShelfStore

extension Shelf {
    /// Writes sidecars, merged with what others wrote there, or only takes in what others wrote. `progress` gets models
    /// done and in all, and may answer false to stop.
    public func sidecars(
        _ request: SidecarRequest, cancellation: Cancellation = Cancellation(), progress: ((Int, Int) -> Bool)? = nil
    ) throws(ShelfError) -> SidecarReport {
        try checkUse()
        let files = try store.read { (connection) throws(ShelfError) -> [(FilePath, KnownFile)] in
            let maker = try RecordMaker(connection)
            var files: [KnownFile] = []
            if request.what.isEmpty {
                for root in try connection.roots() {
                    files += try connection.knownFiles(root: root.id, below: FilePath(bytes: []))
                }
                files.removeAll(where: \.isMissing)
            } else {
                let resolver = FileResolver(connection)
                files = try request.what.map { (what) throws(ShelfError) in try resolver.one(what) }
            }
            return files.map { (maker.path(of: $0), $0) }
        }
        var wishes = RootSettings()
        wishes.metadataFolder = request.gathering
        return try exchange(files, request, try policies(wishes), cancellation) { progress?($0, $1) ?? true }
    }

    /// The part of a scan that writes sidecars of what it saw.
    func sidecars(
        of areas: [ScanArea], _ policies: Policies, _ cancellation: Cancellation, _ progress: (Int, Int) -> Bool
    ) throws(ShelfError) -> SidecarReport {
        var seen: Set<Int64> = []
        let files = try store.read { (connection) throws(ShelfError) -> [(FilePath, KnownFile)] in
            var files: [(FilePath, KnownFile)] = []
            for area in areas {
                let found = try connection.knownFiles(root: area.root.id, below: area.below)
                files += found.filter { !$0.isMissing && seen.insert($0.id).inserted }
                    .map { (area.root.path.appending($0.path), $0) }
                    .filter { !policies.excludes($0.0, below: area.place) && !policies.sidecars(at: $0.0).isEmpty }
            }
            return files
        }
        return try exchange(files, nil, policies, cancellation, progress)
    }

    /// - Parameter request: nil to write what each root wants.
    private func exchange(
        _ files: [(FilePath, KnownFile)], _ request: SidecarRequest?, _ policies: Policies,
        _ cancellation: Cancellation, _ progress: (Int, Int) -> Bool
    ) throws(ShelfError) -> SidecarReport {
        var report = SidecarReport()
        let dialects = try request?.formats.map { (name) throws(ShelfError) in try SidecarDialects.named(name) }
        func exchanges(_ path: FilePath) throws(ShelfError) -> [SidecarExchange] {
            var wanted = dialects ?? []
            if dialects == nil {
                for name in policies.sidecars(at: path) { wanted.append(try SidecarDialects.named(name)) }
            }
            let gathering = policies.metadataFolder(at: path)
            return wanted.map { SidecarExchange(store: self.store, dialect: $0, gathering: gathering) }
        }
        // In the order of the folders: each is cleaned and locked in turn.
        for (path, file) in files.sorted(by: { $0.0 < $1.0 }) {
            guard !cancellation.isCancelled, progress(report.files, files.count) else {
                throw ShelfError(.cancelled, "cancelled")
            }
            report.files += 1
            // Of what is no whole model there is nothing to say.
            guard file.stage == .hashed, file.problemCode == nil else { continue }
            for exchange in try exchanges(path) {
                do throws(ShelfError) {
                    let outcome = try exchange.run(path, writes: request?.writes ?? true)
                    if outcome.wasWritten { report.written += 1 }
                    if let damage = outcome.damage { report.damaged.append(damage) }
                    if outcome.isOfLaterVersion { report.later += 1 }
                } catch {
                    if [.storeError, .storeBusy, .noSpace].contains(error.code) { throw error }
                    report.failed.append(error)
                }
            }
        }
        return report
    }
}
