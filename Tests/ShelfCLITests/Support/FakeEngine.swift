import ModelShelf
import ShelfBase
import Synchronization

@testable import ShelfCLI

/// A core whose answers are what a test says, and which remembers what it was asked.
final class FakeEngine: Engine {
    typealias Answer<Value> = @Sendable () throws(ShelfError) -> Value

    private let log = Mutex<[String]>([])
    private let requests = Mutex<[ScanRequest]>([])
    private let filters = Mutex<[ModelFilter]>([])

    /// Hashes by file name and algorithm; a file without an entry is not there.
    var digests: [String: [String: String]] { onHash }
    private let onHash: [String: [String: String]]
    private let onScan: Answer<ScanReport>
    private let onRecord: Answer<ModelRecord>
    private let onPage: Answer<ModelPage>
    private let onRoots: Answer<JSONObject>
    private let onDocument: Answer<JSONObject>
    private let onWatch: FakeStream?

    init(
        digests: [String: [String: String]] = [:],
        scan: @escaping Answer<ScanReport> = { ScanReport() },
        record: @escaping Answer<ModelRecord> = { Samples.record() },
        page: @escaping Answer<ModelPage> = { ModelPage(models: [], total: 0) },
        roots: @escaping Answer<JSONObject> = { ["roots": .array([])] },
        document: @escaping Answer<JSONObject> = { [:] },
        watch: FakeStream? = nil
    ) {
        onHash = digests
        onScan = scan
        onRecord = record
        onPage = page
        onRoots = roots
        onDocument = document
        onWatch = watch
    }

    /// The calls in their order, arguments included.
    var calls: [String] { log.withLock { $0 } }
    var scanRequests: [ScanRequest] { requests.withLock { $0 } }
    var lastFilter: ModelFilter? { filters.withLock { $0.last } }

    private func note(_ call: String) { log.withLock { $0.append(call) } }

    func hash(
        _ paths: [FilePath], algorithms: [String], jobs: Int?, cancellation: Cancellation,
        progress: (Int64, Int64) -> Bool
    ) throws(ShelfError) -> JSONObject {
        note("hash \(paths.map(\.escaped).joined(separator: " ")) \(algorithms.joined(separator: ","))")
        var files: [JSONValue] = []
        var failed: [JSONValue] = []
        for path in paths {
            let place: [(String, JSONValue)] = [
                ("path", .string(path.display)), ("path_bytes", .optional(path.base64IfNotUTF8)),
            ]
            var item = JSONObject()
            for (key, value) in place { item[key] = value }
            if let digests = onHash[path.escaped] {
                var hashes = JSONObject()
                for algorithm in algorithms { hashes[algorithm] = .optional(digests[algorithm]) }
                item["hashes"] = .object(hashes)
                files.append(.object(item))
            } else {
                item["code"] = .string("not_found")
                item["message"] = .string("cannot open it: No such file or directory")
                item["hint"] = .null
                failed.append(.object(item))
            }
        }
        return ["files": .array(files), "failed": .array(failed)]
    }

    func inspect(_ paths: [FilePath]) throws(ShelfError) -> JSONObject {
        note("inspect")
        return try onDocument()
    }

    func scan(
        _ request: ScanRequest, cancellation: Cancellation, progress: (ScanProgress) -> Bool
    ) throws(ShelfError) -> ScanReport {
        note("scan")
        requests.withLock { $0.append(request) }
        var state = ScanProgress()
        state.phase = .hashing
        state.filesTotal = 2
        _ = progress(state)
        return try onScan()
    }

    func watch(_ folders: [ScanRequest.Folder], _ options: WatchOptions) throws(ShelfError) -> any EventStream {
        note("watch \(folders.map(\.path.escaped).joined(separator: " "))")
        guard let onWatch else { throw ShelfError(.usage, "nothing to watch") }
        return onWatch
    }

    func record(_ what: FilePath) throws(ShelfError) -> ModelRecord {
        note("record \(what.escaped)")
        return try onRecord()
    }

    func list(_ filter: ModelFilter) throws(ShelfError) -> ModelPage {
        note("list")
        filters.withLock { $0.append(filter) }
        return try onPage()
    }

    func search(_ text: String, _ filter: ModelFilter) throws(ShelfError) -> ModelPage {
        note("search \(text)")
        filters.withLock { $0.append(filter) }
        return try onPage()
    }

    func update(_ what: FilePath, _ edits: [UserEdit]) throws(ShelfError) -> ModelRecord {
        note("update \(what.escaped) \(edits)")
        return try onRecord()
    }

    func link(_ what: FilePath, model: Int64, version: Int64?) throws(ShelfError) -> ModelRecord {
        note("link \(what.escaped) \(model)@\(version.map { String($0) } ?? "-")")
        return try onRecord()
    }

    func unlink(_ what: FilePath) throws(ShelfError) -> ModelRecord {
        note("unlink \(what.escaped)")
        return try onRecord()
    }

    func roots() throws(ShelfError) -> JSONObject { try onRoots() }

    func addRoot(_ path: FilePath, _ settings: RootSettings) throws(ShelfError) {
        var words = "addRoot \(settings.type ?? "-") \(path.escaped)"
        if settings.lookup == false { words += " private" }
        if let patterns = settings.exclude { words += " without \(patterns)" }
        if let formats = settings.sidecars { words += " sidecars \(formats)" }
        note(words)
    }

    func importRoots(_ file: FilePath, dryRun: Bool) throws(ShelfError) -> RootImport {
        note("importRoots \(file.escaped)\(dryRun ? " dry" : "")")
        return RootImport()
    }

    func removeRoot(_ path: FilePath) throws(ShelfError) { note("removeRoot \(path.escaped)") }

    func lookup(_ queries: [String], cancellation: Cancellation) throws(ShelfError) -> JSONObject {
        note("lookup \(queries.joined(separator: " "))")
        return try onDocument()
    }

    func download(
        _ request: DownloadRequest, cancellation: Cancellation, progress: (TransferProgress) -> Bool
    ) throws(ShelfError) -> DownloadReport {
        note("download \(request.what)")
        throw ShelfError(.network, "no network in tests")
    }

    func addDownloads(_ requests: [DownloadRequest]) throws(ShelfError) -> [QueuedDownload] {
        note("queue \(requests.map(\.what).joined(separator: " "))")
        return []
    }

    func downloads() throws(ShelfError) -> [QueuedDownload] { [] }

    func pauseDownloads(_ ids: [Int64]?) throws(ShelfError) { note("pause \(ids ?? [])") }

    func resumeDownloads(_ ids: [Int64]?) throws(ShelfError) { note("resume \(ids ?? [])") }

    func removeDownloads(_ ids: [Int64]) throws(ShelfError) { note("remove \(ids)") }

    func runDownloads(
        _ ids: [Int64]?, cancellation: Cancellation, progress: (TransferProgress) -> Bool
    ) throws(ShelfError) -> DownloadsReport {
        note("run \(ids ?? [])")
        return DownloadsReport()
    }

    func previews(
        _ request: PreviewRequest, cancellation: Cancellation, progress: (Int, Int) -> Bool
    ) throws(ShelfError) -> PreviewReport {
        note("previews \(request.what.map(\.escaped).joined(separator: " "))")
        return PreviewReport()
    }

    func sidecars(
        _ request: SidecarRequest, cancellation: Cancellation, progress: (Int, Int) -> Bool
    ) throws(ShelfError) -> SidecarReport {
        note("sidecars \(request.writes ? "write" : "read") \(request.formats.joined(separator: ","))")
        return SidecarReport()
    }

    func verify(
        _ request: VerifyRequest, cancellation: Cancellation, progress: (Int64, Int64) -> Bool
    ) throws(ShelfError) -> VerifyReport {
        note("verify \(request.what.map(\.escaped).joined(separator: " "))")
        return VerifyReport()
    }

    func browse(
        _ kind: String, filters: [(name: String, values: [String])], limit: Int?
    ) throws(ShelfError) -> CatalogueReader {
        note(
            "browse \(kind) \(filters.map { "\($0.name)=\($0.values.joined(separator: ","))" }.joined(separator: " "))")
        return CatalogueReader { _ in [] }
    }

    func doctor() throws(ShelfError) -> JSONObject { try onDocument() }

    func close() { note("close") }
}

/// Events that come in portions; after the last the stream ends.
final class FakeStream: EventStream {
    private let portions: Mutex<[[WatchEvent]]>
    private let stopped = Mutex(false)

    init(_ portions: [[WatchEvent]]) { self.portions = Mutex(portions) }

    func next(milliseconds: Int64) throws(ShelfError) -> [WatchEvent] {
        portions.withLock { $0.isEmpty ? [] : $0.removeFirst() }
    }

    var isEnded: Bool { portions.withLock { $0.isEmpty } }
    var isStopped: Bool { stopped.withLock { $0 } }

    func cancel() { portions.withLock { $0 = [] } }

    func stop() {
        cancel()
        stopped.withLock { $0 = true }
    }
}
