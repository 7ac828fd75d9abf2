public import ShelfBase
internal import ShelfFormats
internal import ShelfHashing
internal import ShelfIdentify

/// What can be said of a file without a database.
public enum FileTools {
    /// Names accepted by ``hash(_:algorithms:jobs:cancellation:progress:)``; `all` stands for the usual ones.
    public static let algorithms = HashAlgorithm.allCases.map(\.rawValue)

    /// Hashes files on all processors, each read once.
    ///
    /// Gives `{"files":[{"path","path_bytes","size","hashes":{…}}],"failed":[…]}`; files keep the order of `paths`.
    /// `progress` gets bytes done and bytes in all, on the calling thread, and may answer false to cancel.
    public static func hash(
        _ paths: [FilePath], algorithms names: [String], jobs: Int? = nil,
        cancellation: Cancellation = Cancellation(), progress: ((Int64, Int64) -> Bool)? = nil
    ) throws(ShelfError) -> JSONObject {
        let algorithms = try algorithms(names)
        let results = try digests(
            paths, DigestStreams(for: algorithms), needsHeader: algorithms.contains(.tensorSHA256), jobs, cancellation,
            progress)
        var files: [JSONValue] = []
        var failed: [JSONValue] = []
        for (path, result) in zip(paths, results) {
            switch result {
            case .success(let digests):
                var hashes = JSONObject()
                for algorithm in algorithms { hashes[algorithm.rawValue] = .optional(digests.text(algorithm)) }
                files.append(
                    .object([
                        "path": .string(path.display), "path_bytes": .optional(path.base64IfNotUTF8),
                        "size": .int(digests.size), "hashes": .object(hashes),
                    ]))
            case .failure(var error):
                error.path = error.path ?? path
                failed.append(.object(ScanReport.failure(error)))
            }
        }
        return ["files": .array(files), "failed": .array(failed)]
    }

    /// Reads headers: `{"files":[…],"failed":[…]}`. Never loads tensors, never runs a pickle.
    public static func inspect(_ paths: [FilePath]) -> JSONObject {
        var files: [JSONValue] = []
        var failed: [JSONValue] = []
        for path in paths {
            do throws(ShelfError) {
                let header = HeaderReader.read(try ReadableFile(path))
                let facts = InspectDocument.make(
                    path: path, header: header, identification: Identifier.identify(header, name: path))
                files.append(.object(facts))
                if let problem = header.fatalProblem {
                    var problem = problem
                    problem.path = path
                    failed.append(.object(ScanReport.failure(problem)))
                }
            } catch {
                failed.append(.object(ScanReport.failure(error)))
            }
        }
        return ["files": .array(files), "failed": .array(failed)]
    }

    private static func algorithms(_ names: [String]) throws(ShelfError) -> [HashAlgorithm] {
        var chosen: [HashAlgorithm] = []
        for name in names {
            if name.lowercased() == "all" {
                chosen += HashAlgorithm.usual
            } else if let algorithm = HashAlgorithm(rawValue: name.lowercased()) {
                chosen.append(algorithm)
            } else {
                throw ShelfError(
                    .usage, "unknown algorithm: \(name)", hint: "one of: all \(Self.algorithms.joined(separator: " "))")
            }
        }
        guard !chosen.isEmpty else { throw ShelfError(.usage, "no algorithm named") }
        var seen: Set<HashAlgorithm> = []
        return chosen.filter { seen.insert($0).inserted }
    }

    private static func digests(
        _ paths: [FilePath], _ streams: DigestStreams, needsHeader: Bool, _ jobs: Int?, _ cancellation: Cancellation,
        _ progress: ((Int64, Int64) -> Bool)?
    ) throws(ShelfError) -> [Result<FileDigests, ShelfError>] {
        let total = paths.reduce(Int64(0)) { sum, path in
            if case .success(let identity) = FileIdentity.of(path), identity.kind == .file {
                sum &+ identity.size
            } else {
                sum
            }
        }
        let counter = ByteCounter()
        let mailbox = Mailbox<(Int, Result<FileDigests, ShelfError>)>()
        let jobs = max(1, jobs ?? WorkerPool.processorCount)
        let runner = WorkerPool(threads: 1)
        defer { runner.finish() }
        runner.submit {
            HashRun.hash(
                paths, streams, jobs: jobs, sampling: false, cancellation: cancellation, counter: counter,
                tensorOffset: { file in
                    guard needsHeader else { return nil }
                    return HeaderReader.read(file).safetensors.map { Int64(clamping: $0.dataOffset) }
                },
                report: { index, result in
                    mailbox.post((index, result.map(\.digests)))
                })
        }
        var results = [Result<FileDigests, ShelfError>](
            repeating: .failure(ShelfError(.cancelled, "cancelled")), count: paths.count)
        var left = paths.count
        while left > 0 {
            for (index, result) in mailbox.receiveAll(milliseconds: 100) {
                results[index] = result
                left -= 1
            }
            if let progress, !cancellation.isCancelled, !progress(counter.value, total) { cancellation.cancel() }
        }
        try cancellation.check()
        return results
    }
}
