internal import ShelfBase
internal import ShelfFormats
internal import ShelfHashing

/// Reads headers and hashes, on the threads of a pool.
final class FileReader: Sendable {
    /// A file up to this size is read once, in one piece, for header and digests together (bytes).
    static let wholeFileLimit: Int64 = 1 << 20
    /// Files up to this size are hashed several at once by one thread; larger ones would keep what is done from being
    /// written down for too long (bytes).
    static let sharedLimit: Int64 = 8 << 20
    /// Of small files as many are in memory at once, for each thread (bytes); one more may come to them.
    private static let bytesInMemory = 1 << 20

    private let cancellation: Cancellation
    private let adoption: Adoption?
    let counter = ByteCounter()
    private let turns = DeviceTurns()
    /// Hashers not in use now: each has a buffer, so there are as many as threads and not as files.
    private let idle = Locked<[HasherBox]>([])

    private final class HasherBox: @unchecked Sendable {
        // Sendable: taken from the list of idle ones by one thread and put back when that is done with it.
        let file: FileHasher
        let memory = MemoryHasher(.scan)
        init() throws(ShelfError) { file = try FileHasher(.scan) }
    }

    init(cancellation: Cancellation, adoption: Adoption? = nil) {
        self.cancellation = cancellation
        self.adoption = adoption
    }

    // MARK: Headers, and small files whole

    /// A small file that is read and waits for others to be hashed with.
    private struct Waiting {
        var reading: FileReading
        let item: MemoryHasher.Item
        let identity: FileIdentity
    }

    /// What one attempt to read a file came to.
    private enum Attempt {
        case changed
        case read
        case toBeHashed(MemoryHasher.Item)
    }

    /// Reads the headers of files and, of small ones, the digests with them; `report` gets every file once.
    func readHeaders(_ files: [ScanPlan.Seen], hashing: Bool, report: (FileReading) -> Void) {
        var waiting: [Waiting] = []
        var bytes = 0
        for file in files {
            let (reading, item) = readHeader(file, hashing: hashing)
            guard let item, let identity = reading.identity else {
                report(reading)
                continue
            }
            waiting.append(Waiting(reading: reading, item: item, identity: identity))
            bytes += item.count
            guard bytes >= Self.bytesInMemory || waiting.count == MemoryHasher.filesAtOnce else { continue }
            hash(waiting, report)
            waiting = []
            bytes = 0
        }
        hash(waiting, report)
    }

    private func readHeader(_ seen: ScanPlan.Seen, hashing: Bool) -> (FileReading, MemoryHasher.Item?) {
        var reading = FileReading(id: seen.id, path: seen.path)
        do throws(ShelfError) {
            for _ in 0..<3 {
                try cancellation.check()
                let file = try ReadableFile(seen.path)
                let adopted = adoption?.check(seen.id, file)
                var item: MemoryHasher.Item?
                switch try read(file, seen, hashing: hashing && adopted == nil, into: &reading) {
                case .changed: continue
                case .read: break
                case .toBeHashed(let bytes): item = bytes
                }
                if reading.header?.isWorthHashing == true { reading.adopted = adopted }
                reading.identity = file.identity
                return (reading, item)
            }
            throw ShelfError(
                .fileChanged, "the file changed while it was read, three times in a row", path: seen.path,
                hint: "wait until its writer is done")
        } catch {
            reading.error = error
        }
        return (reading, nil)
    }

    private func read(
        _ file: ReadableFile, _ seen: ScanPlan.Seen, hashing: Bool, into reading: inout FileReading
    ) throws(ShelfError) -> Attempt {
        guard file.size <= Self.wholeFileLimit else {
            let header = try turns.take(seen.device, for: seen.path) { HeaderReader.read(file) }
            guard file.currentIdentity()?.isUntouched(since: file.identity) == true else { return .changed }
            reading.header = HeaderFacts(header, reading.path)
            return .read
        }
        let bytes = try turns.take(seen.device, for: seen.path) { () throws(ShelfError) in
            try file.bytes(at: 0, count: Int(file.size))
        }
        guard bytes.count == Int(file.size), file.currentIdentity()?.isUntouched(since: file.identity) == true else {
            return .changed
        }
        let header = HeaderReader.read(head: bytes, size: file.size, name: reading.path)
        let facts = HeaderFacts(header, reading.path)
        reading.header = facts
        guard hashing, facts.isWorthHashing else { return .read }
        return .toBeHashed(MemoryHasher.Item(bytes, HeaderLayout.of(header, spans: false)))
    }

    private func hash(_ files: [Waiting], _ report: (FileReading) -> Void) {
        guard !files.isEmpty else { return }
        do throws(ShelfError) {
            let found = try withHasher { (box) throws(ShelfError) in try box.memory.hash(files.map(\.item)) }
            for (file, (digests, sample)) in zip(files, found) {
                var reading = file.reading
                reading.hashed = HashedFile(digests: digests, sample: sample, identity: file.identity)
                counter.add(file.identity.size)
                report(reading)
            }
        } catch {
            for file in files {
                var reading = file.reading
                reading.error = error
                report(reading)
            }
        }
    }

    // MARK: Files whose headers are known

    /// Hashes files on this thread, several at once where their device bears it; `report` gets every file once.
    func hash(_ files: [ScanPlan.Seen], report: (FileReading) -> Void) {
        var together: [ScanPlan.Seen] = []
        for file in files {
            if let reading = adopted(file) {
                report(reading)
            } else if files.count == 1 || file.size > Self.sharedLimit || turns.isNeeded(file.device, for: file.path) {
                report(hash(file, threads: 1, isBackground: false))
            } else {
                together.append(file)
            }
        }
        guard !together.isEmpty else { return }
        var next = together.startIndex
        do throws(ShelfError) {
            let hasher = try BatchHasher(.scan, files: together.count, sampling: true)
            hasher.hash(
                cancellation: cancellation, counter: counter, layout: { HeaderLayout.read($0, $1, spans: false) },
                next: {
                    guard next < together.endIndex else { return nil }
                    defer { next += 1 }
                    return (next, together[next].path)
                },
                report: { index, result in report(Self.reading(together[index], result)) })
        } catch {
            for file in together { report(Self.reading(file, .failure(error))) }
        }
    }

    /// Hashes one file with so many threads: more than one when there are fewer files than processors.
    func hash(_ file: ScanPlan.Seen, threads: Int, isBackground: Bool) -> FileReading {
        if let reading = adopted(file) { return reading }
        let result = Result { () throws(ShelfError) in
            try turns.take(file.device, for: file.path) { () throws(ShelfError) in
                guard threads == 1 else {
                    return try ParallelHasher.hash(
                        file.path, .scan, threads: threads, sampling: true, cancellation: cancellation,
                        counter: counter, isBackground: isBackground
                    ) { HeaderLayout.read($0, $1, spans: false) }
                }
                return try withHasher { (box) throws(ShelfError) in
                    try box.file.hash(file.path, cancellation: cancellation, counter: counter) {
                        HeaderLayout.read($0, $1, spans: false)
                    }
                }
            }
        }
        return Self.reading(file, result)
    }

    /// What a sidecar tells of the file, or why it cannot be opened; nil when it is to be hashed.
    private func adopted(_ file: ScanPlan.Seen) -> FileReading? {
        guard let adoption else { return nil }
        var reading = FileReading(id: file.id, path: file.path)
        do throws(ShelfError) {
            guard let adopted = adoption.check(file.id, try ReadableFile(file.path)) else { return nil }
            reading.adopted = adopted
            reading.identity = adopted.identity
        } catch {
            reading.error = error
        }
        return reading
    }

    private static func reading(_ file: ScanPlan.Seen, _ result: Result<HashedFile, ShelfError>) -> FileReading {
        var reading = FileReading(id: file.id, path: file.path)
        switch result {
        case .success(let hashed):
            reading.hashed = hashed
            reading.identity = hashed.identity
        case .failure(let error): reading.error = error
        }
        return reading
    }

    private func withHasher<Result>(_ body: (HasherBox) throws(ShelfError) -> Result) throws(ShelfError) -> Result {
        let box: HasherBox
        if let taken = idle.withLock({ $0.popLast() }) {
            box = taken
        } else {
            box = try HasherBox()
        }
        defer { idle.withLock { $0.append(box) } }
        return try body(box)
    }
}
