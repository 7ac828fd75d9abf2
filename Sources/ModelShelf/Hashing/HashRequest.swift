internal import ShelfBase
internal import ShelfHashing

/// Files and folders to be hashed, and what comes of them.
struct HashRequest {
    /// Something that was named: a file, or for InvokeAI's hash a folder.
    private struct Item {
        let path: FilePath
        /// Its files in the list of all.
        let files: Range<Int>
        let isFolder: Bool
        let problem: ShelfError?
    }

    /// What a thread made of a file.
    private enum Outcome: Sendable {
        case hashed(size: Int64, hashes: JSONObject, blake3: [UInt8]?)
        case failed(ShelfError)
    }

    private let algorithms: [HashAlgorithm]
    private var items: [Item] = []
    private var files: [FilePath] = []
    private var devices: [UInt64?] = []
    /// Bytes of all files.
    private(set) var bytes: Int64 = 0

    init(_ paths: [FilePath], _ algorithms: [HashAlgorithm]) {
        self.algorithms = algorithms
        for path in paths { add(path) }
    }

    private mutating func add(_ path: FilePath) {
        let start = files.count
        var problem: ShelfError?
        guard case .success(let identity) = FileIdentity.of(path), identity.kind == .folder,
            algorithms.contains(.invokeAI)
        else {
            addFile(path)
            items.append(Item(path: path, files: start..<files.count, isFolder: false, problem: nil))
            return
        }
        do throws(ShelfError) {
            for file in try ModelFolder.files(below: path) { addFile(file) }
        } catch {
            problem = error
        }
        items.append(Item(path: path, files: start..<files.count, isFolder: true, problem: problem))
    }

    private mutating func addFile(_ path: FilePath) {
        files.append(path)
        guard case .success(let identity) = FileIdentity.of(path) else {
            devices.append(nil)
            return
        }
        devices.append(identity.device)
        // A sparse file may say that it has exbibytes.
        if identity.kind == .file { bytes = identity.size > .max - bytes ? .max : bytes + identity.size }
    }

    /// Hashes them all on threads of their own; `wait` is called on this one about ten times a second.
    func run(
        jobs: Int, isBackground: Bool, cancellation: Cancellation, counter: ByteCounter, wait: () -> Void
    ) throws(ShelfError) -> JSONObject {
        let results = Locked<[Outcome?]>(Array(repeating: nil, count: files.count))
        let finished = Mailbox<Void>()
        let (algorithms, files, devices) = (algorithms, files, devices)
        let needsSpans = algorithms.contains(.canonical)
        guard
            let runner = ThreadHandle.start({
                HashRun.hash(
                    files, devices: devices, DigestStreams(for: algorithms),
                    HashRun.Options(jobs: jobs, isBackground: isBackground), cancellation: cancellation,
                    counter: counter, layout: { HeaderLayout.read($0, $1, spans: needsSpans) },
                    report: { index, result in
                        // The text is made here, where the threads are.
                        let outcome = Self.outcome(result, algorithms)
                        results.withLock { $0[index] = outcome }
                    })
                finished.close()
            })
        else { throw ShelfError(.internalError, "the system has no thread to give") }
        while !finished.isClosed(waiting: 100) { wait() }
        runner.join()
        try cancellation.check()
        return document(results.withLock { $0 })
    }

    private static func outcome(
        _ result: Result<HashedFile, ShelfError>, _ algorithms: [HashAlgorithm]
    ) -> Outcome {
        switch result {
        case .success(let hashed):
            var hashes = JSONObject()
            for name in algorithms { hashes.append(name.rawValue, .optional(hashed.digests.text(name))) }
            let blake3 = algorithms.contains(.invokeAI) ? hashed.digests.blake3 : nil
            return .hashed(size: hashed.digests.size, hashes: hashes, blake3: blake3)
        case .failure(let error): return .failed(error)
        }
    }

    private func document(_ outcomes: [Outcome?]) -> JSONObject {
        var done: [JSONValue] = []
        var failed: [JSONValue] = []
        for item in items {
            var size: Int64 = 0
            var hashes = JSONObject()
            var digests: [[UInt8]] = []
            var problem = item.problem
            for outcome in outcomes[item.files] {
                switch outcome {
                case .hashed(let bytes, let found, let blake3):
                    size = bytes > .max - size ? .max : size + bytes
                    hashes = found
                    if let blake3 { digests.append(blake3) }
                case .failed(let error): problem = problem ?? error
                case nil: problem = problem ?? ShelfError(.cancelled, "cancelled")
                }
            }
            if var problem {
                problem.path = problem.path ?? item.path
                failed.append(.object(ScanReport.failure(problem)))
                continue
            }
            if item.isFolder {
                hashes = JSONObject()
                for name in algorithms {
                    hashes.append(name.rawValue, name == .invokeAI ? .string(ModelFolder.text(digests)) : .null)
                }
            }
            done.append(
                .object([
                    "path": .string(item.path.display), "path_bytes": .optional(item.path.base64IfNotUTF8),
                    "size": .int(size), "hashes": .object(hashes),
                ]))
        }
        return ["files": .array(done), "failed": .array(failed)]
    }
}
