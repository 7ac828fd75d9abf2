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
    /// Gives `{"files":[{"path","path_bytes","size","hashes":{…}}],"failed":[…]}`; files keep the order of `paths`. A
    /// folder has the hash `invokeai` and no other, and only if it is asked for; its size is that of its model files.
    /// `progress` gets bytes done and bytes in all, on the calling thread, and may answer false to cancel. Bytes of a file
    /// that is read again, or fails, are taken back; when everything is done, or has failed, it gets them all.
    /// `isBackground`: with the lowest priority for processor and disk.
    public static func hash(
        _ paths: [FilePath], algorithms names: [String], jobs: Int? = nil, isBackground: Bool = false,
        cancellation: Cancellation = Cancellation(), progress: ((Int64, Int64) -> Bool)? = nil
    ) throws(ShelfError) -> JSONObject {
        let request = HashRequest(paths, try AlgorithmNames.parse(names))
        let counter = ByteCounter()
        let document = try request.run(
            jobs: jobs ?? WorkerPool.processorCount, isBackground: isBackground, cancellation: cancellation,
            counter: counter
        ) {
            if let progress, !cancellation.isCancelled, !progress(counter.value, request.bytes) {
                cancellation.cancel()
            }
        }
        guard progress?(request.bytes, request.bytes) ?? true else { throw ShelfError(.cancelled, "cancelled") }
        return document
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
}
