internal import ShelfBase
internal import ShelfHashing
internal import ShelfStore

/// Told of single files while a scan goes on, on its thread and outside of transactions.
struct ScanObserver {
    /// What is to be done, before any of it.
    let planned: (ScanPlan) -> Void
    /// What was just written down.
    let stored: ([FileReading]) -> Void
}

/// One scan from start to end. Runs on the caller's thread; workers read and hash, and post what they found.
///
/// Everything is written down as it becomes known: a scan may be killed at any point, and the next one goes on.
final class ScanRun {
    /// Digests are durable after at most this long (nanoseconds).
    private static let commitInterval: Int64 = 1_000_000_000
    private static let heartbeat: Int64 = 5_000_000_000
    /// How often roots may change while the files are planned.
    private static let rootsAreLookedUp = 20

    private let store: Store
    private let lookup: LookupService
    private let request: ScanRequest
    private let policies: Policies
    private let cancellation: Cancellation
    private let deliver: ((ScanProgress) -> Bool)?
    private let observer: ScanObserver?
    private let reader: FileReader
    private let writer: ReadingWriter
    private let owner: ClaimOwner
    private let results = Mailbox<FileReading>()
    private var meter = ProgressMeter()
    private var progress = ScanProgress()
    private var report = ScanReport()
    private var lastHeartbeat = Clock.monotonicNanoseconds()
    private var didWork = false

    init(
        store: Store, lookup: LookupService, request: ScanRequest, policies: Policies, cancellation: Cancellation,
        observer: ScanObserver? = nil, progress: ((ScanProgress) -> Bool)?
    ) {
        self.store = store
        self.lookup = lookup
        self.request = request
        self.policies = policies
        self.cancellation = cancellation
        deliver = progress
        self.observer = observer
        let adoption = Adoption(policies, force: request.force)
        reader = FileReader(cancellation: cancellation, adoption: adoption)
        writer = ReadingWriter(adoption: adoption)
        owner = store.owner.distinct()
    }

    func run() throws(ShelfError) -> ScanReport {
        let start = Clock.monotonicNanoseconds()
        let (areas, offline, plan) = try prepare()
        for area in areas where plan.seen.contains(where: { $0.path.relative(to: area.place) != nil }) {
            try area.rememberDevice(in: store)
        }
        observer?.planned(plan)
        report.new = plan.new
        report.changed = plan.changed
        report.unchanged = plan.unchanged
        report.moved = plan.moved
        report.missing = plan.missing
        report.files = plan.seen.count
        report.failed = offline + plan.problems
        if !plan.work.isEmpty {
            try store.write { (connection) throws(ShelfError) in try connection.releaseClaimsOfTheDead() }
            try work(plan.work, areas)
        }
        report.hashed = writer.hashed
        report.bytesHashed = writer.bytesHashed
        report.adopted = writer.adopted
        try conclude(plan, areas)
        report.seconds = Double(Clock.monotonicNanoseconds() - start) / 1e9
        progress.phase = .done
        try tick()
        return report
    }

    /// Finds the files and decides what is to be done with each.
    ///
    /// Another process may merge a root into one that it made around it meanwhile. What was to be noted under the root
    /// that is gone finds no place then, and all is looked up once more.
    private func prepare() throws(ShelfError) -> (areas: [ScanArea], offline: [ShelfError], plan: ScanPlan) {
        for _ in 0..<Self.rootsAreLookedUp {
            let (areas, offline) = try ScanArea.areas(of: request, in: store, policies)
            do throws(ShelfError) {
                return (areas, offline, try plan(areas))
            } catch {
                let roots = try store.read { (connection) throws(ShelfError) in try connection.roots().map(\.id) }
                guard error.code == .storeError, areas.contains(where: { !roots.contains($0.root.id) }) else {
                    throw error
                }
            }
        }
        throw ShelfError(.storeBusy, "other processes change the roots all the time", hint: "try again later")
    }

    private func plan(_ areas: [ScanArea]) throws(ShelfError) -> ScanPlan {
        try tick()
        let known = KnownIndex.load(areas, store, files: request.files)
        let (policies, innermost) = (self.policies, areas.map(\.place))
        var finder = ModelFinder { path in
            policies.excludes(
                path, below: innermost.first { path.relative(to: $0) != nil } ?? FilePath(bytes: [UInt8(ascii: "/")]))
        }
        let places = request.files ?? areas.map(\.place)
        let walk = Result { () throws(ShelfError) in try finder.find(in: places, cancellation: cancellation) }
        let index = try known()
        try walk.get()
        var planner = ScanPlanner(store: store, known: index, request: request, cancellation: cancellation)
        return try planner.plan(areas, finder)
    }

    // MARK: Reading and hashing

    private func work(_ files: [ScanPlan.Seen], _ areas: [ScanArea]) throws(ShelfError) {
        // The root that wants the fewest decides: one slow disk is why somebody says so.
        let jobs = areas.compactMap { policies.value(\.jobs, at: $0.place) }.min()
        writer.expect(files, areas)
        let pool = WorkerPool(
            threads: jobs ?? WorkerPool.processorCount, isBackground: request.isBackground)
        defer { pool.finish() }
        progress.phase = .reading
        progress.filesTotal = files.count
        progress.bytesTotal = request.hash ? Self.sum(files) : 0
        try pass(files, to: .headerRead, pool)
        guard request.hash else { return }
        progress.phase = .hashing
        let unhashed = try store.read { (connection) throws(ShelfError) in
            try files.selected { (file) throws(ShelfError) in
                guard !self.writer.wasHashed(file.id), let known = try connection.knownFile(id: file.id) else {
                    return false
                }
                return known.stage < .hashed && self.writer.problems[file.id] == nil
            }
        }
        progress.files = files.count - unhashed.count
        try pass(unhashed, to: .hashed, pool)
    }

    /// Brings files to a stage: claims them in portions, hands them to the workers and writes down what comes back.
    private func pass(_ files: [ScanPlan.Seen], to stage: Stage, _ pool: WorkerPool) throws(ShelfError) {
        var claims = ClaimQueue(files, to: stage, store, owner)
        var inFlight = 0
        /// How many files a worker has at once.
        var together = 1
        var finished: [FileReading] = []
        var lastCommit = Clock.monotonicNanoseconds()
        while true {
            if cancellation.isCancelled {
                try stop(inFlight, finished)
                throw ShelfError(.cancelled, "cancelled")
            }
            let now = Clock.monotonicNanoseconds()
            let isDue =
                finished.count >= ClaimQueue.batch || (!finished.isEmpty && now - lastCommit >= Self.commitInterval)
            let isStarved = inFlight <= pool.count * together && !claims.isEmpty
            if isDue || isStarved || (inFlight == 0 && !finished.isEmpty) {
                didWork = true
                let claimed = try claims.claim { (connection) throws(ShelfError) in
                    try writer.write(finished, connection)
                }
                if !finished.isEmpty { observer?.stored(finished) }
                progress.files += finished.count
                finished = []
                lastCommit = now
                inFlight += claimed.count
                if !claimed.isEmpty { together = submit(claimed, to: stage, pool, inFlight: inFlight) }
            }
            if inFlight == 0, claims.isEmpty, finished.isEmpty {
                guard claims.awaitsOthers else { break }
                try claims.revisit()
                if claims.isEmpty, claims.awaitsOthers { Clock.sleep(milliseconds: 50) }
            }
            if inFlight > 0 {
                let arrived = results.receiveAll(milliseconds: 50)
                inFlight -= arrived.count
                finished += arrived
                if let last = arrived.last { progress.path = last.path }
            }
            try beat()
            do throws(ShelfError) { try tick() } catch {
                cancellation.cancel()
                try stop(inFlight, finished)
                throw error
            }
        }
    }

    /// A sparse file may say that it has exbibytes: what does not fit is cut instead of trapping.
    private static func sum(_ files: [ScanPlan.Seen]) -> Int64 {
        files.reduce(0) { sum, file in
            let (next, overflow) = sum.addingReportingOverflow(file.size)
            return overflow ? .max : next
        }
    }

    /// Hands claimed files to the workers: so many to each that they fill the lanes of its core, or one to several
    /// workers when there are few. Gives how many went to one.
    private func submit(_ files: [ScanPlan.Seen], to stage: Stage, _ pool: WorkerPool, inFlight: Int) -> Int {
        let (reader, results, hashing, isBackground) = (self.reader, self.results, request.hash, request.isBackground)
        let threads = max(1, pool.count / max(1, inFlight))
        let together = max(1, min(MemoryHasher.filesAtOnce, files.count / pool.count))
        var rest = files[...]
        while let first = rest.first {
            // A small file does not wait for a large one.
            let small = rest.prefix(together).prefix { stage < .hashed || $0.size <= FileReader.sharedLimit }
            let group = small.isEmpty ? [first] : Array(small)
            rest = rest.dropFirst(group.count)
            pool.submit {
                switch stage {
                case .hashed where threads > 1:
                    for file in group {
                        results.post(reader.hash(file, threads: threads, isBackground: isBackground))
                    }
                case .hashed: reader.hash(group) { results.post($0) }
                default: reader.readHeaders(group, hashing: hashing) { results.post($0) }
                }
            }
        }
        return together
    }

    /// Lets the workers come to their next block, keeps what they finished and gives back the rest.
    private func stop(_ inFlight: Int, _ finished: [FileReading]) throws(ShelfError) {
        var left = inFlight
        var finished = finished
        while left > 0 {
            let arrived = results.receiveAll(milliseconds: -1)
            left -= arrived.count
            finished += arrived
        }
        try store.write { (connection) throws(ShelfError) in
            for reading in finished where reading.error?.code == .cancelled {
                try connection.releaseFile(reading.id)
            }
            try writer.write(finished.filter { $0.error?.code != .cancelled }, connection)
        }
    }

    // MARK: After the files

    private func conclude(_ plan: ScanPlan, _ areas: [ScanArea]) throws(ShelfError) {
        let ids = Set(plan.seen.map(\.id))
        var files = plan.known
        if plan.isChanged || didWork { files = try reload(areas, ids) }
        let rootOfID = Dictionary(areas.map { ($0.root.id, $0.root.path) }, uniquingKeysWith: { $1 })
        func path(_ file: KnownFile) -> FilePath { (rootOfID[file.root] ?? FilePath(bytes: [])).appending(file.path) }
        let contents = files.filter { $0.remoteStatus != nil && self.policies.asks(about: path($0)) }
        if !contents.isEmpty {
            progress.phase = .identifying
            let outcome = try lookup.identify(
                contents, refresh: request.refresh, policies, owner, cancellation
            ) { done, total in
                self.progress.files = done
                self.progress.filesTotal = total
                try? self.beat()
                return (try? self.tick()) != nil
            }
            report.requests = outcome.requests
            report.warnings += outcome.warnings
            if outcome.didAsk { files = try reload(areas, ids) }
        }
        for file in files {
            switch file.remoteStatus {
            case "found", "gone", "ambiguous": report.identified += 1
            case "not_found": report.notOnCivitai += 1
            case "pending": if !policies.isPrivate(path(file)) { report.pending += 1 }
            default: break
            }
            if let code = file.problemCode {
                let problem =
                    writer.problems[file.id]
                    ?? ShelfError(ErrorCode(rawValue: code), file.problem ?? "", path: path(file))
                // One with a problem from earlier may have gone meanwhile.
                if problem.code != .notFound { report.failed.append(problem) }
            }
        }
        report.failed.sort { ($0.path ?? FilePath("")) < ($1.path ?? FilePath("")) }
    }

    private func reload(_ areas: [ScanArea], _ ids: Set<Int64>) throws(ShelfError) -> [KnownFile] {
        try store.read { (connection) throws(ShelfError) in
            if self.request.files != nil {
                return try ids.compacted { (id) throws(ShelfError) in try connection.knownFile(id: id) }
            }
            var files: [Int64: KnownFile] = [:]
            for area in areas {
                for file in try connection.knownFiles(root: area.root.id, below: area.below) where ids.contains(file.id)
                {
                    files[file.id] = file
                }
            }
            return Array(files.values)
        }
    }

    // MARK: Signs of life

    private func beat() throws(ShelfError) {
        let now = Clock.monotonicNanoseconds()
        guard now - lastHeartbeat > Self.heartbeat else { return }
        lastHeartbeat = now
        try store.write { (connection) throws(ShelfError) in
            try connection.renewClaims(owner, now: Clock.wallMilliseconds())
        }
    }

    private func tick() throws(ShelfError) {
        guard let deliver else { return }
        progress.bytes = reader.counter.value
        guard let complete = meter.complete(progress, now: Clock.monotonicNanoseconds()) else { return }
        guard deliver(complete) else {
            cancellation.cancel()
            throw ShelfError(.cancelled, "cancelled")
        }
    }
}
