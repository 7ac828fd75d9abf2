public import ShelfBase
internal import ShelfCivitai
internal import ShelfStore

/// The library of models: one for each database and process.
///
/// All calls block and are safe from any thread; progress closures run on the calling thread. A shelf belongs to the
/// process that opened it: in a forked child every call fails with ``ErrorCode/usage``, and ``open(database:offline:)``
/// gives a new one.
public final class Shelf: Sendable {
    /// The database that is open.
    public let database: FilePath
    let store: Store
    let lookups: LookupService
    let hashes = StoredHashes()
    let sidecars = SidecarCache()
    let watches = WatchList()
    let settings = SettingsCache()
    private let isClosed = Locked(false)

    private init(_ database: FilePath, offline: Bool) throws(ShelfError) {
        self.database = database
        let store = try Store(database)
        self.store = store
        var configuration = try CivitaiConfiguration.fromEnvironment(
            offline: offline, version: ModelShelfVersion.text, certificateFallbacks: CertificateFiles.fallbacks)
        configuration.sharing = StorePace(store: store)
        lookups = LookupService(store: store, client: CivitaiClient(configuration))
        for warning in store.warnings { Log.write(.warning, warning) }
    }

    private static let shelves = Locked<[FilePath: Shelf]>([:])

    /// Opens a database, or gives the one that this process has open already.
    ///
    /// - Parameters:
    ///   - database: `$MODELSHELF_HOME/modelshelf.db` when nil.
    ///   - offline: no network at all; `MODELSHELF_OFFLINE` when nil.
    public static func open(database: FilePath? = nil, offline: Bool? = nil) throws(ShelfError) -> Shelf {
        let path = Paths.absolute(database ?? HomeFolder.database())
        let key = Paths.resolved(path.parent).map { $0.appending(path.lastComponent) } ?? path
        let known = shelves.withLock { $0[key] }
        if let known, known.isUsable { return known }
        // Opened outside the lock: a migration may take its time. Two threads may race here; the first one wins.
        let opened = try Shelf(key, offline: offline ?? false)
        return shelves.withLock { shelves in
            if let other = shelves[key], other.isUsable { return other }
            shelves[key] = opened
            return opened
        }
    }

    /// Finds, reads, hashes and identifies. `progress` may answer false to cancel.
    public func scan(
        _ request: ScanRequest, cancellation: Cancellation = Cancellation(),
        progress: ((ScanProgress) -> Bool)? = nil
    ) throws(ShelfError) -> ScanReport {
        try checkUse()
        let policies = try policies(request.wishes)
        let run = ScanRun(
            store: store, lookup: lookups, request: request, policies: policies, cancellation: cancellation,
            progress: progress)
        var report = try run.run()
        let previews = policies.anybody { $0.previews == true }
        let sidecars = policies.anybody { $0.sidecars?.isEmpty == false }
        guard previews || sidecars else { return report }
        var state = ScanProgress()
        func tell(_ done: Int, _ total: Int) -> Bool {
            state.files = done
            state.filesTotal = total
            return progress?(state) ?? true
        }
        let (areas, _) = try ScanArea.areas(of: request, in: store, policies)
        if previews {
            state.phase = .previews
            report.note(try self.previews(of: areas, policies, cancellation, tell))
        }
        if sidecars {
            state.phase = .sidecars
            report.note(try self.sidecars(of: areas, policies, cancellation, tell))
        }
        state.phase = .done
        _ = progress?(state)
        return report
    }

    /// The stored hash of a file by algorithm name, after one `stat`; nil while it is not known or the file changed.
    public func storedHash(_ path: FilePath, _ algorithm: String) throws(ShelfError) -> String? {
        try checkUse()
        return try hashes.hash(path, algorithm, store)
    }

    /// Ends the use of the database by this process; later calls fail with `usage`. Idempotent.
    public func close() {
        isClosed.withLock { $0 = true }
        watches.stopAll()
        Self.shelves.withLock { shelves in
            if shelves[database] === self { shelves[database] = nil }
        }
    }

    /// Whether another call may be answered with this shelf; one whose database was taken away is no longer of use.
    private var isUsable: Bool { store.isOwnProcess && !isClosed.withLock { $0 } && store.isInPlace }

    /// Fails when the shelf is closed or another process opened it.
    func checkUse() throws(ShelfError) {
        guard store.isOwnProcess else {
            throw ShelfError(
                .usage, "the shelf was opened by the parent process", hint: "open it anew in the forked child")
        }
        guard !isClosed.withLock({ $0 }) else { throw ShelfError(.usage, "the shelf is closed") }
    }
}
