public import ShelfBase
internal import ShelfStore

extension Shelf {
    /// Fetches preview pictures and stills of videos and puts them beside the models. `progress` gets models done and
    /// in all, and may answer false to stop.
    public func previews(
        _ request: PreviewRequest, cancellation: Cancellation = Cancellation(),
        progress: ((Int, Int) -> Bool)? = nil
    ) throws(ShelfError) -> PreviewReport {
        try checkUse()
        let files = try store.read { (connection) throws(ShelfError) -> [KnownFile] in
            guard !request.what.isEmpty else {
                var files: [KnownFile] = []
                for root in try connection.roots() {
                    files += try connection.knownFiles(root: root.id, below: FilePath(bytes: []))
                }
                return files.filter { $0.remoteStatus != "not_found" && !$0.isMissing }
            }
            let resolver = FileResolver(connection)
            let named = try request.what.map { (what) throws(ShelfError) in try resolver.one(what) }
            var seen: Set<Int64> = []
            return named.filter { seen.insert($0.id).inserted }
        }
        var wishes = RootSettings()
        wishes.maximumLevel = request.maximumLevel
        let policies = try policies(wishes)
        var request = request
        let configured = try configuration()?.previewWidth
        request.width = request.width ?? configured
        return try PreviewRun.run(
            files, request, policies, store: store, client: lookups.client, quietly: request.what.isEmpty, cancellation
        ) { progress?($0, $1) ?? true }
    }

    /// The part of a scan that fetches previews of what it saw.
    func previews(
        of areas: [ScanArea], _ policies: Policies, _ cancellation: Cancellation, _ progress: (Int, Int) -> Bool
    ) throws(ShelfError) -> PreviewReport {
        var seen: Set<Int64> = []
        let files = try store.read { (connection) throws(ShelfError) -> [KnownFile] in
            var files: [KnownFile] = []
            for area in areas {
                let found = try connection.knownFiles(root: area.root.id, below: area.below)
                files += found.filter { file in
                    guard !file.isMissing, file.remoteStatus == "found", seen.insert(file.id).inserted else {
                        return false
                    }
                    let path = area.root.path.appending(file.path)
                    return policies.wantsPreviews(at: path) && !policies.excludes(path, below: area.place)
                }
            }
            return files
        }
        var request = PreviewRequest()
        request.width = try configuration()?.previewWidth
        return try PreviewRun.run(
            files, request, policies, store: store, client: lookups.client, quietly: true, cancellation,
            progress: progress)
    }
}

extension ScanReport {
    /// A picture that could not be had is worth a word and no failure of the scan.
    mutating func note(_ report: PreviewReport) {
        previews = report.previews.count
        if let warning = report.warning { warnings.append(warning) }
    }
}

extension PreviewReport {
    /// What is to be said of pictures that could not be had; nil when there are none.
    var warning: String? {
        guard let first = failures.first else { return nil }
        return failures.count == 1
            ? "a preview could not be fetched: \(first)"
            : "\(failures.count) previews could not be fetched, the first because: \(first)"
    }
}
