public import ShelfBase
internal import ShelfFormats
internal import ShelfHashing
internal import ShelfStore

extension Shelf {
    /// Hashes files again and compares with what is recorded. Digests that came from a sidecar are confirmed by it, or
    /// corrected. `progress` gets bytes done and in all, and may answer false to stop.
    public func verify(
        _ request: VerifyRequest = VerifyRequest(), cancellation: Cancellation = Cancellation(),
        progress: ((Int64, Int64) -> Bool)? = nil
    ) throws(ShelfError) -> VerifyReport {
        try checkUse()
        var report = VerifyReport()
        var work: [Recorded] = []
        for recorded in try recorded(request) {
            switch FileIdentity.of(recorded.path) {
            case .success(let now) where now.size == recorded.file.size && now.modified == recorded.file.modified:
                work.append(recorded)
            case .success:
                report.changed.append(recorded.finding(nil))
            case .failure(let error) where error.code == .notFound:
                report.missing.append(recorded.finding(nil))
            case .failure(let error):
                report.failed.append(error)
            }
        }
        try hash(work, request, cancellation, progress, &report)
        return report
    }

    private struct Recorded: Sendable {
        let path: FilePath
        let file: KnownFile
        let sha256: [UInt8]
        let isAdopted: Bool

        func finding(_ found: [UInt8]?) -> VerifyReport.Finding {
            VerifyReport.Finding(
                path: path, expected: Hex.encode(sha256), found: found.map { Hex.encode($0) })
        }
    }

    private func recorded(_ request: VerifyRequest) throws(ShelfError) -> [Recorded] {
        try store.read { (connection) throws(ShelfError) in
            var files: [KnownFile] = []
            if request.what.isEmpty {
                for root in try connection.roots() {
                    files += try connection.knownFiles(root: root.id, below: FilePath(bytes: []))
                }
            } else {
                let resolver = FileResolver(connection)
                files = try request.what.map { (what) throws(ShelfError) in try resolver.one(what) }
            }
            let adopted = try connection.adoptedContents()
            let maker = try RecordMaker(connection)
            return try files.compacted { (file) throws(ShelfError) -> Recorded? in
                guard file.stage == .hashed, !request.adoptedOnly || adopted.contains(file.content),
                    let sha256 = try connection.content(file.content)?.digests.sha256
                else { return nil }
                return Recorded(
                    path: maker.path(of: file), file: file, sha256: sha256, isAdopted: adopted.contains(file.content))
            }.sorted { $0.path < $1.path }
        }
    }

    private func hash(
        _ work: [Recorded], _ request: VerifyRequest, _ cancellation: Cancellation,
        _ progress: ((Int64, Int64) -> Bool)?, _ report: inout VerifyReport
    ) throws(ShelfError) {
        let total = work.reduce(Int64(0)) { $0.addingReportingOverflow($1.file.size).partialValue }
        let counter = ByteCounter()
        let results = Mailbox<(Int, Result<HashedFile, ShelfError>)>()
        // The threads that it starts have its priority.
        let runner = WorkerPool(threads: 1, isBackground: request.isBackground)
        defer { runner.finish() }
        let paths = work.map(\.path)
        let jobs = max(1, request.jobs ?? WorkerPool.processorCount)
        runner.submit {
            HashRun.hash(
                paths, .scan, HashRun.Options(jobs: jobs, sampling: true, isBackground: request.isBackground),
                cancellation: cancellation,
                counter: counter, layout: { HeaderLayout.read($0, $1, spans: false) },
                report: { index, result in results.post((index, result)) })
        }
        var left = work.count
        while left > 0 {
            for (index, result) in results.receiveAll(milliseconds: 100) {
                left -= 1
                guard work.indices.contains(index) else { continue }
                try conclude(work[index], result, &report)
            }
            if let progress, !cancellation.isCancelled, !progress(counter.value, total) { cancellation.cancel() }
        }
        try cancellation.check()
        guard progress?(total, total) ?? true else { throw ShelfError(.cancelled, "cancelled") }
    }

    private func conclude(
        _ recorded: Recorded, _ result: Result<HashedFile, ShelfError>, _ report: inout VerifyReport
    ) throws(ShelfError) {
        switch result {
        case .failure(let error):
            if error.code != .cancelled { report.failed.append(error) }
        case .success(let hashed):
            report.bytesHashed += hashed.digests.size
            let isSame = hashed.digests.sha256 == recorded.sha256
            if recorded.isAdopted { try settle(recorded, hashed) }
            if isSame {
                report.ok += 1
            } else if recorded.isAdopted {
                report.changed.append(recorded.finding(hashed.digests.sha256))
            } else {
                report.damaged.append(recorded.finding(hashed.digests.sha256))
            }
        }
    }

    /// What was computed here takes the place of what a sidecar told.
    private func settle(_ recorded: Recorded, _ hashed: HashedFile) throws(ShelfError) {
        try store.write { (connection) throws(ShelfError) in
            guard var file = try connection.knownFile(id: recorded.file.id), file.content == recorded.file.content,
                file.stage == .hashed
            else { return }
            if hashed.digests.sha256 != recorded.sha256 {
                let header = try connection.content(file.content)
                _ = try connection.takeUp(root: file.root, path: file.path, hashed.identity, force: true)
                guard let fresh = try connection.knownFile(id: file.id) else { return }
                file = fresh
                if let header, let format = header.format {
                    try connection.setHeader(content: file.content, StoredHeader(format: format, header.header))
                }
            }
            let content = try connection.setDigests(
                location: file.id, StoredDigests(hashed.digests), sample: hashed.sample, hashed.identity)
            try ListingMaker.refresh(content: content, connection)
            if content != recorded.file.content {
                try connection.dropRefutedClaim(content: recorded.file.content, sha256: recorded.sha256)
            }
        }
    }
}

extension StoredDigests {
    /// What of a file's digests is kept.
    init(_ digests: FileDigests) {
        self.init()
        sha256 = digests.sha256
        tensorSHA256 = digests.tensorSHA256
        afterHeaderSHA256 = digests.afterHeaderSHA256
        legacyWindowSHA256 = digests.legacyWindowSHA256
        blake3 = digests.blake3
        crc32 = digests.crc32
    }
}
