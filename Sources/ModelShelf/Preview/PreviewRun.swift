internal import ShelfBase
internal import ShelfCivitai
internal import ShelfStore

/// Fetches previews of models: several at once, written beside them, remembered in the store.
final class PreviewRun {
    /// Requests at once; the image service is another one than that which looks up.
    private static let jobs = 6

    private let store: Store
    private let client: CivitaiClient
    private let policy: PreviewPolicy
    private let request: PreviewRequest
    private let cancellation: Cancellation
    private var report = PreviewReport()

    private struct Work: Sendable {
        let content: Int64
        let path: FilePath
        let images: [CivitaiImage]
    }

    private struct Outcome: Sendable {
        let work: Work
        var written: [(preview: PreviewReport.Preview, note: String)] = []
        var error: ShelfError?
    }

    init(
        store: Store, client: CivitaiClient, request: PreviewRequest, cancellation: Cancellation
    ) throws(ShelfError) {
        let level = request.maximumLevel ?? PreviewRequest.standardLevel
        guard let policy = PreviewPolicy(maximum: level) else {
            throw ShelfError(
                .usage, "unknown level: \(level)",
                hint: "one of: \(PreviewPolicy.names.joined(separator: " "))")
        }
        self.store = store
        self.client = client
        self.policy = policy
        self.request = request
        self.cancellation = cancellation
    }

    /// Fetches for each file up to the level that holds where it lies, unless the request has one.
    static func run(
        _ files: [KnownFile], _ request: PreviewRequest, _ policies: Policies, store: Store, client: CivitaiClient,
        quietly: Bool, _ cancellation: Cancellation, progress: (Int, Int) -> Bool
    ) throws(ShelfError) -> PreviewReport {
        var groups: [String: [KnownFile]] = [:]
        if let level = request.maximumLevel {
            groups[level] = files
        } else {
            let maker = try store.read { (connection) throws(ShelfError) in try RecordMaker(connection) }
            for file in files { groups[policies.previewLevel(at: maker.path(of: file)), default: []].append(file) }
        }
        var report = PreviewReport()
        for (level, files) in groups.sorted(by: { $0.key < $1.key }) {
            var request = request
            request.maximumLevel = level
            let run = try PreviewRun(store: store, client: client, request: request, cancellation: cancellation)
            let part = try run.run(files, quietly: quietly, progress: progress)
            report.previews += part.previews
            report.skipped += part.skipped
        }
        return report
    }

    /// `progress` gets files done and in all, on this thread; false cancels.
    func run(
        _ files: [KnownFile], quietly: Bool = false, progress: (Int, Int) -> Bool
    ) throws(ShelfError) -> PreviewReport {
        var works: [Work] = []
        for file in files {
            try cancellation.check()
            if let work = try work(file, quietly: quietly) { works.append(work) }
        }
        guard request.fetches else {
            report.previews = works.flatMap(named)
            return report
        }
        guard !works.isEmpty else { return report }
        let outcomes = Mailbox<Outcome>()
        let pool = WorkerPool(threads: min(Self.jobs, works.count))
        defer { pool.finish() }
        let fetcher = PictureFetcher(client: client)
        let (request, cancellation) = (self.request, self.cancellation)
        for work in works { pool.submit { outcomes.post(Self.fetch(work, fetcher, request, cancellation)) } }
        var done = 0
        while done < works.count {
            for outcome in outcomes.receiveAll(milliseconds: 100) {
                try note(outcome)
                done += 1
            }
            if !progress(done, works.count) { cancellation.cancel() }
        }
        try cancellation.check()
        report.previews.sort { $0.path < $1.path }
        return report
    }

    // MARK: What there is to do

    private func work(_ file: KnownFile, quietly: Bool) throws(ShelfError) -> Work? {
        let (path, remote, note) = try store.read { (connection) throws(ShelfError) in
            (
                try RecordMaker(connection).path(of: file), try connection.remote(content: file.content),
                PreviewNote(try connection.statements(content: file.content))
            )
        }
        func skip(_ reason: String, _ error: ShelfError? = nil) {
            if !quietly || error != nil { report.skipped.append(.init(path: path, reason: reason, error: error)) }
        }
        guard !file.isMissing else {
            skip("the model's file is missing")
            return nil
        }
        if request.fetches, let there = PreviewFile.existing(for: path) {
            let isOurs = note.map { $0.url != nil && PreviewFile.path(of: path, ending: $0.ending) == there } ?? false
            guard isOurs, request.refresh else {
                if note == nil { try remember(there, of: file, path) }
                skip("it has a preview")
                return nil
            }
        }
        guard let model = remote?.model, let version = remote?.version else {
            skip("it is not identified on Civitai")
            return nil
        }
        let images: [CivitaiImage]
        do throws(ShelfError) {
            images = try self.images(model: model, version: version)
        } catch {
            guard error.code != .cancelled else { throw error }
            skip("Civitai could not be asked: \(error.message)", error)
            return nil
        }
        let chosen = policy.choose(images)
        guard !chosen.isEmpty else {
            skip(
                images.isEmpty
                    ? "the version has no pictures" : "none of its \(images.count) pictures is within \(policy.name)")
            return nil
        }
        return Work(content: file.content, path: path, images: chosen)
    }

    /// Notes a picture that somebody put there, when it has the name that we would give it.
    private func remember(_ there: FilePath, of file: KnownFile, _ path: FilePath) throws(ShelfError) {
        let ending = there.pathExtension
        guard PreviewFile.path(of: path, ending: ending) == there else { return }
        let isVideo = ending == "mp4" || ending == "webm"
        let note = PreviewNote(ending: ending, url: nil, type: isVideo ? "video" : "image", level: nil)
        try store.write { (connection) throws(ShelfError) in try note.keep(content: file.content, connection) }
    }

    /// The pictures of a version: from what the service said before, else from the service.
    private func images(model: Int64, version: Int64) throws(ShelfError) -> [CivitaiImage] {
        let (kept, single) = try store.read { (connection) throws(ShelfError) in
            (
                try connection.payload(kind: "model", object: model),
                try connection.payload(kind: "version", object: version)
            )
        }
        if let images = kept.flatMap({ CivitaiModel($0) })?.version(version)?.images, !images.isEmpty { return images }
        if let images = single.flatMap({ CivitaiVersion($0) })?.images, !images.isEmpty { return images }
        guard request.fetches else { return [] }
        return try client.version(version, cancellation: cancellation)?.images ?? []
    }

    private func named(_ work: Work) -> [PreviewReport.Preview] {
        work.images.prefix(request.everyPicture ? work.images.count : 1).map {
            .init(path: work.path, url: $0.url, type: $0.type, level: $0.nsfwLevel, model: work.path)
        }
    }

    // MARK: Fetching

    private static func fetch(
        _ work: Work, _ fetcher: PictureFetcher, _ request: PreviewRequest, _ cancellation: Cancellation
    ) -> Outcome {
        var outcome = Outcome(work: work)
        for image in work.images {
            do throws(ShelfError) {
                let picture = try fetcher.fetch(image, width: request.width ?? EdgeAddress.previewWidth, cancellation: cancellation)
                let number = outcome.written.count + 1
                let ending = picture.kind.fileExtension
                let path = PreviewFile.path(of: work.path, ending: ending, number: number)
                try PreviewFile.write(picture.bytes, to: path)
                let preview = PreviewReport.Preview(
                    path: path, url: picture.url, type: image.type, level: image.nsfwLevel, model: work.path)
                outcome.written.append((preview, ending))
                if !request.everyPicture { break }
            } catch {
                // Another picture of the version may do as well.
                outcome.error = outcome.error ?? error
                if error.code == .cancelled || error.code == .noSpace { break }
            }
        }
        return outcome
    }

    private func note(_ outcome: Outcome) throws(ShelfError) {
        guard let first = outcome.written.first else {
            let error = outcome.error ?? ShelfError(.internalError, "no picture")
            if error.code != .cancelled {
                report.skipped.append(.init(path: outcome.work.path, reason: error.message, error: error))
            }
            return
        }
        report.previews += outcome.written.map(\.preview)
        let note = PreviewNote(
            ending: first.note, url: first.preview.url, type: first.preview.type, level: first.preview.level)
        try store.write { (connection) throws(ShelfError) in
            let before = PreviewNote(try connection.statements(content: outcome.work.content))
            // The same picture in another format now: ours from before would stand in its way.
            if let before, before.url != nil, before.ending != note.ending {
                PreviewFile.remove(PreviewFile.path(of: outcome.work.path, ending: before.ending))
            }
            try note.keep(content: outcome.work.content, connection)
        }
    }
}
