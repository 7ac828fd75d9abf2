internal import ModelShelf
internal import ShelfBase
internal import Synchronization

/// The real core. The database is opened by the first command that needs it: `hash` and `inspect` work without one.
final class LibraryEngine: Engine {
    private let database: FilePath?
    private let offline: Bool?
    private let opened = Mutex<Shelf?>(nil)

    init(_ options: GlobalOptions) {
        database = options.database
        offline = options.offline ? true : nil
    }

    private func shelf() throws(ShelfError) -> Shelf {
        if let shelf = opened.withLock({ $0 }) { return shelf }
        let shelf = try Shelf.open(database: database, offline: offline)
        opened.withLock { $0 = shelf }
        return shelf
    }

    func hash(
        _ paths: [FilePath], algorithms: [String], jobs: Int?, cancellation: Cancellation,
        progress: (Int64, Int64) -> Bool
    ) throws(ShelfError) -> JSONObject {
        try withoutActuallyEscaping(progress) { (progress) throws(ShelfError) -> JSONObject in
            try FileTools.hash(
                paths, algorithms: algorithms, jobs: jobs, cancellation: cancellation, progress: progress)
        }
    }

    func inspect(_ paths: [FilePath]) throws(ShelfError) -> JSONObject { FileTools.inspect(paths) }

    func scan(
        _ request: ScanRequest, cancellation: Cancellation, progress: (ScanProgress) -> Bool
    ) throws(ShelfError) -> ScanReport {
        let shelf = try shelf()
        return try withoutActuallyEscaping(progress) { (progress) throws(ShelfError) -> ScanReport in
            try shelf.scan(request, cancellation: cancellation, progress: progress)
        }
    }

    func watch(_ folders: [ScanRequest.Folder], _ options: WatchOptions) throws(ShelfError) -> any EventStream {
        try shelf().watch(folders, options)
    }

    func record(_ what: FilePath) throws(ShelfError) -> ModelRecord { try shelf().record(what) }

    func list(_ filter: ModelFilter) throws(ShelfError) -> ModelPage { try shelf().list(filter) }

    func search(_ text: String, _ filter: ModelFilter) throws(ShelfError) -> ModelPage {
        try shelf().search(text, filter)
    }

    func update(_ what: FilePath, _ edits: [UserEdit]) throws(ShelfError) -> ModelRecord {
        try shelf().update(what, edits)
    }

    func link(_ what: FilePath, model: Int64, version: Int64?) throws(ShelfError) -> ModelRecord {
        try shelf().link(what, model: model, version: version)
    }

    func unlink(_ what: FilePath) throws(ShelfError) -> ModelRecord { try shelf().unlink(what) }

    func roots() throws(ShelfError) -> JSONObject { try shelf().roots() }

    func addRoot(_ path: FilePath, _ settings: RootSettings) throws(ShelfError) { try shelf().addRoot(path, settings) }

    func importRoots(_ file: FilePath, dryRun: Bool) throws(ShelfError) -> RootImport {
        try shelf().importRoots(file, dryRun: dryRun)
    }

    func removeRoot(_ path: FilePath) throws(ShelfError) { try shelf().removeRoot(path) }

    func lookup(_ queries: [String], cancellation: Cancellation) throws(ShelfError) -> JSONObject {
        try shelf().lookup(queries, cancellation: cancellation)
    }

    func download(
        _ request: DownloadRequest, cancellation: Cancellation, progress: (TransferProgress) -> Bool
    ) throws(ShelfError) -> DownloadReport {
        let shelf = try shelf()
        return try withoutActuallyEscaping(progress) { (progress) throws(ShelfError) -> DownloadReport in
            try shelf.download(request, cancellation: cancellation, progress: progress)
        }
    }

    func addDownloads(_ requests: [DownloadRequest]) throws(ShelfError) -> [QueuedDownload] {
        try shelf().addDownloads(requests)
    }

    func downloads() throws(ShelfError) -> [QueuedDownload] { try shelf().downloads() }

    func pauseDownloads(_ ids: [Int64]?) throws(ShelfError) { try shelf().pauseDownloads(ids) }

    func resumeDownloads(_ ids: [Int64]?) throws(ShelfError) { try shelf().resumeDownloads(ids) }

    func removeDownloads(_ ids: [Int64]) throws(ShelfError) { try shelf().removeDownloads(ids) }

    func runDownloads(
        _ ids: [Int64]?, cancellation: Cancellation, progress: (TransferProgress) -> Bool
    ) throws(ShelfError) -> DownloadsReport {
        let shelf = try shelf()
        return try withoutActuallyEscaping(progress) { (progress) throws(ShelfError) -> DownloadsReport in
            try shelf.runDownloads(ids, cancellation: cancellation, progress: progress)
        }
    }

    func previews(
        _ request: PreviewRequest, cancellation: Cancellation, progress: (Int, Int) -> Bool
    ) throws(ShelfError) -> PreviewReport {
        let shelf = try shelf()
        return try withoutActuallyEscaping(progress) { (progress) throws(ShelfError) -> PreviewReport in
            try shelf.previews(request, cancellation: cancellation, progress: progress)
        }
    }

    func sidecars(
        _ request: SidecarRequest, cancellation: Cancellation, progress: (Int, Int) -> Bool
    ) throws(ShelfError) -> SidecarReport {
        let shelf = try shelf()
        return try withoutActuallyEscaping(progress) { (progress) throws(ShelfError) -> SidecarReport in
            try shelf.sidecars(request, cancellation: cancellation, progress: progress)
        }
    }

    func verify(
        _ request: VerifyRequest, cancellation: Cancellation, progress: (Int64, Int64) -> Bool
    ) throws(ShelfError) -> VerifyReport {
        let shelf = try shelf()
        return try withoutActuallyEscaping(progress) { (progress) throws(ShelfError) -> VerifyReport in
            try shelf.verify(request, cancellation: cancellation, progress: progress)
        }
    }

    func browse(
        _ kind: String, filters: [(name: String, values: [String])], limit: Int?
    ) throws(ShelfError) -> CatalogueReader {
        // The catalogue needs no database.
        let catalogue = try Catalogue.open(
            kind, filters: filters, limit: limit, token: nil, baseURL: nil, offline: offline)
        return CatalogueReader { (cancellation) throws(ShelfError) in try catalogue.next(cancellation: cancellation) }
    }

    func doctor() throws(ShelfError) -> JSONObject { try shelf().doctor() }

    func close() {
        opened.withLock { $0 }?.close()
    }
}
