public import ShelfBase
internal import ShelfCivitai
internal import ShelfStore

extension Shelf {
    /// Fetches a file, verifies it and takes it into the library. `progress` may answer false to stop; a stopped
    /// download leaves its bytes, and the same call goes on with them.
    public func download(
        _ request: DownloadRequest, cancellation: Cancellation = Cancellation(),
        progress: ((TransferProgress) -> Bool)? = nil
    ) throws(ShelfError) -> DownloadReport {
        try download(request, cancellation: cancellation, placed: { _ in }, progress: progress)
    }

    /// The same; `placed` is told the folder as soon as it is known.
    func download(
        _ request: DownloadRequest, cancellation: Cancellation, placed: (FilePath) -> Void,
        progress: ((TransferProgress) -> Bool)?
    ) throws(ShelfError) -> DownloadReport {
        try checkUse()
        let configuration = try configuration()
        try keepPrivate([request.what])
        let target = try DownloadResolver(client: lookups.client, cancellation: cancellation).resolve(request)
        var folder = request.folder
        if folder == nil { folder = try self.folder(for: target.type) ?? request.fallback }
        placed(Paths.absolute(folder ?? FilePath(".")))
        let downloader = Downloader(client: lookups.client) { [weak self] path in
            (try? self?.storedHash(path, "sha256")) ?? nil
        }
        let meter = TransferMeter(deliver: progress)
        let result = try downloader.download(
            target.plan, to: folder ?? FilePath("."), connections: request.connections ?? configuration?.connections ?? 1,
            cancellation: cancellation
        ) {
            meter.show($0)
        }
        var report = DownloadReport(result)
        meter.show(phase: "registering")
        do throws(ShelfError) {
            report.model = try register(result, target, cancellation)
            let policies = try policies()
            if request.previews ?? policies.wantsPreviews(at: report.path) {
                try fetchPreview(&report, request, cancellation)
            }
            try writeSidecar(&report, policies, cancellation)
        } catch {
            // The file is there and whole: what is wrong with the library must not look like a failed download.
            guard error.code != .cancelled else { throw error }
            report.warnings.append("the file is not in the library yet: \(error)")
        }
        return report
    }

    private func fetchPreview(
        _ report: inout DownloadReport, _ request: DownloadRequest, _ cancellation: Cancellation
    ) throws(ShelfError) {
        var wish = PreviewRequest([report.path])
        wish.maximumLevel = request.previewLevel
        let previews = try self.previews(wish, cancellation: cancellation)
        report.warnings += previews.skipped.map { "no preview: \($0.reason)" }
        report.model = try record(report.path)
    }

    /// What the root wants beside its models.
    private func writeSidecar(
        _ report: inout DownloadReport, _ policies: Policies, _ cancellation: Cancellation
    ) throws(ShelfError) {
        let formats = policies.sidecars(at: report.path)
        guard !formats.isEmpty else { return }
        var request = SidecarRequest([report.path], formats: formats)
        request.gathering = policies.metadataFolder(at: report.path)
        let sidecars = try sidecars(request, cancellation: cancellation)
        report.warnings += (sidecars.damaged + sidecars.failed).map(\.description)
        report.model = try record(report.path)
    }

    /// The one registered folder of a type, or that among them which is the default.
    private func folder(for type: String?) throws(ShelfError) -> FilePath? {
        guard let type else { return nil }
        let policies = try policies()
        let roots = try store.read { (connection) throws(ShelfError) in try connection.roots() }.filter(\.isRegistered)
        let entries = policies.entries.filter { entry in
            entry.settings.type == type && roots.contains { $0.path == entry.path }
        }
        let defaults = entries.filter { $0.settings.isDefault == true }
        let fitting = defaults.isEmpty ? entries : defaults
        return fitting.count == 1 ? fitting.first?.path : nil
    }
}

extension DownloadReport {
    init(_ result: DownloadResult) {
        self.init(
            path: Paths.absolute(result.path), bytes: result.bytes, resumedFrom: result.resumedFrom,
            sha256: result.sha256, isVerified: result.isVerified, wasThere: result.wasThere)
    }
}
