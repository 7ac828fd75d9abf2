internal import ModelShelf
internal import ShelfBase

/// Gives the next items of a walk through the catalogue.
struct CatalogueReader {
    let next: (Cancellation) throws(ShelfError) -> [JSONValue]
}

/// Events that are pulled until they end.
protocol EventStream: Sendable {
    func next(milliseconds: Int64) throws(ShelfError) -> [WatchEvent]
    var isEnded: Bool { get }
    /// Ends it from any thread without waiting.
    func cancel()
    /// Ends it and waits for its threads.
    func stop()
}

extension Watch: EventStream {}

/// What the commands need of the core; tests bring their own.
protocol Engine: Sendable {
    func hash(
        _ paths: [FilePath], algorithms: [String], jobs: Int?, cancellation: Cancellation,
        progress: (Int64, Int64) -> Bool
    ) throws(ShelfError) -> JSONObject
    func inspect(_ paths: [FilePath]) throws(ShelfError) -> JSONObject
    func scan(
        _ request: ScanRequest, cancellation: Cancellation, progress: (ScanProgress) -> Bool
    ) throws(ShelfError) -> ScanReport
    func watch(_ folders: [ScanRequest.Folder], _ options: WatchOptions) throws(ShelfError) -> any EventStream
    func record(_ what: FilePath) throws(ShelfError) -> ModelRecord
    func list(_ filter: ModelFilter) throws(ShelfError) -> ModelPage
    func search(_ text: String, _ filter: ModelFilter) throws(ShelfError) -> ModelPage
    func update(_ what: FilePath, _ edits: [UserEdit]) throws(ShelfError) -> ModelRecord
    func link(_ what: FilePath, model: Int64, version: Int64?) throws(ShelfError) -> ModelRecord
    func unlink(_ what: FilePath) throws(ShelfError) -> ModelRecord
    func roots() throws(ShelfError) -> JSONObject
    func addRoot(_ path: FilePath, _ settings: RootSettings) throws(ShelfError)
    func importRoots(_ file: FilePath, dryRun: Bool) throws(ShelfError) -> RootImport
    func removeRoot(_ path: FilePath) throws(ShelfError)
    func lookup(_ queries: [String], cancellation: Cancellation) throws(ShelfError) -> JSONObject
    func download(
        _ request: DownloadRequest, cancellation: Cancellation, progress: (TransferProgress) -> Bool
    ) throws(ShelfError) -> DownloadReport
    func addDownloads(_ requests: [DownloadRequest]) throws(ShelfError) -> [QueuedDownload]
    func downloads() throws(ShelfError) -> [QueuedDownload]
    func pauseDownloads(_ ids: [Int64]?) throws(ShelfError)
    func resumeDownloads(_ ids: [Int64]?) throws(ShelfError)
    func removeDownloads(_ ids: [Int64]) throws(ShelfError)
    func runDownloads(
        _ ids: [Int64]?, cancellation: Cancellation, progress: (TransferProgress) -> Bool
    ) throws(ShelfError) -> DownloadsReport
    func previews(
        _ request: PreviewRequest, cancellation: Cancellation, progress: (Int, Int) -> Bool
    ) throws(ShelfError) -> PreviewReport
    func sidecars(
        _ request: SidecarRequest, cancellation: Cancellation, progress: (Int, Int) -> Bool
    ) throws(ShelfError) -> SidecarReport
    func verify(
        _ request: VerifyRequest, cancellation: Cancellation, progress: (Int64, Int64) -> Bool
    ) throws(ShelfError) -> VerifyReport
    /// Items page by page, as they are asked for; an empty page is the end.
    func browse(
        _ kind: String, filters: [(name: String, values: [String])], limit: Int?
    ) throws(ShelfError) -> CatalogueReader
    func doctor() throws(ShelfError) -> JSONObject
    /// Ends the use of the database; nothing is called after it.
    func close()
}
