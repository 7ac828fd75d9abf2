internal import ShelfBase
internal import ShelfFormats
internal import ShelfHashing
internal import ShelfIdentify

/// What a worker found out about one file.
struct FileReading: Sendable {
    let id: Int64
    let path: FilePath
    /// The state of the file that was read; nil when it could not be.
    var identity: FileIdentity?
    /// From the header; nil when only digests were wanted, or nothing could be read.
    var header: HeaderFacts?
    var hashed: HashedFile?
    /// In place of digests: a sidecar tells them.
    var adopted: AdoptedFile?
    /// Why nothing, or not everything, is known.
    var error: ShelfError?
}

/// The header's part of a record, ready for the store.
struct HeaderFacts: Sendable {
    let format: String
    let facts: JSONObject
    /// What is wrong with the file.
    let problem: ShelfError?
    /// False for what is not a model at all (a web page, a pointer, a part): its bytes are not worth a digest.
    let isWorthHashing: Bool

    init(_ header: FileHeader, _ path: FilePath) {
        let identification = Identifier.identify(header, name: path)
        var facts = InspectDocument.make(path: path, header: header, identification: identification)
        // The metadata may be megabytes and can be read again from the file; what was made of it is kept.
        facts["metadata"] = nil
        facts["path"] = nil
        self.facts = facts
        format = header.format.rawValue
        problem = header.fatalProblem
        isWorthHashing = header.format.holdsModel && !header.isIncomplete
    }
}

/// Reads headers and hashes, on the threads of a pool.
final class FileReader: Sendable {
    /// A file up to this size is read once, in one piece, for header and digests together (bytes).
    static let wholeFileLimit: Int64 = 1 << 20

    private let cancellation: Cancellation
    private let adoption: Adoption?
    let counter = ByteCounter()
    private let turns = DeviceTurns()
    /// Hashers not in use now: each has a buffer, so there are as many as threads and not as files.
    private let idle = Locked<[HasherBox]>([])

    private final class HasherBox: @unchecked Sendable {
        // Sendable: taken from the list of idle ones by one thread and put back when that is done with it.
        let hasher: FileHasher
        init(_ hasher: FileHasher) { self.hasher = hasher }
    }

    init(cancellation: Cancellation, adoption: Adoption? = nil) {
        self.cancellation = cancellation
        self.adoption = adoption
    }

    /// Reads the header and, of a small file, the digests with it.
    func readHeader(id: Int64, path: FilePath, hashing: Bool) -> FileReading {
        var reading = FileReading(id: id, path: path)
        do throws(ShelfError) {
            for _ in 0..<3 {
                try cancellation.check()
                let file = try ReadableFile(path)
                let adopted = adoption?.check(id, file)
                guard try read(file, hashing: hashing && adopted == nil, into: &reading) else { continue }
                if reading.header?.isWorthHashing == true { reading.adopted = adopted }
                reading.identity = file.identity
                return reading
            }
            throw ShelfError(
                .fileChanged, "the file changed while it was read, three times in a row", path: path,
                hint: "wait until its writer is done")
        } catch {
            reading.error = error
        }
        return reading
    }

    /// Hashes a file whose header is known, with so many threads: more than one when there are fewer files than
    /// processors.
    func hash(id: Int64, path: FilePath, threads: Int, isBackground: Bool) -> FileReading {
        var reading = FileReading(id: id, path: path)
        do throws(ShelfError) {
            if let adoption, let adopted = adoption.check(id, try ReadableFile(path)) {
                reading.adopted = adopted
                reading.identity = adopted.identity
                return reading
            }
            let hashed = try turns.take(for: path) { () throws(ShelfError) in
                guard threads == 1 else {
                    return try ParallelHasher.hash(
                        path, .scan, threads: threads, sampling: true, cancellation: cancellation, counter: counter,
                        isBackground: isBackground
                    ) { HeaderLayout.read($0, $1, spans: false) }
                }
                return try withHasher { (hasher) throws(ShelfError) in
                    try hasher.hash(path, cancellation: cancellation, counter: counter) {
                        HeaderLayout.read($0, $1, spans: false)
                    }
                }
            }
            reading.hashed = hashed
            reading.identity = hashed.identity
        } catch {
            reading.error = error
        }
        return reading
    }

    /// False when the file changed meanwhile.
    private func read(_ file: ReadableFile, hashing: Bool, into reading: inout FileReading) throws(ShelfError) -> Bool {
        guard file.size <= Self.wholeFileLimit else {
            let facts = HeaderFacts(HeaderReader.read(file), reading.path)
            guard file.currentIdentity()?.isUntouched(since: file.identity) == true else { return false }
            reading.header = facts
            return true
        }
        let bytes = try file.bytes(at: 0, count: Int(file.size))
        guard bytes.count == Int(file.size), file.currentIdentity()?.isUntouched(since: file.identity) == true else {
            return false
        }
        let header = HeaderReader.read(head: bytes, size: file.size, name: reading.path)
        let facts = HeaderFacts(header, reading.path)
        reading.header = facts
        guard hashing, facts.isWorthHashing else { return true }
        let layout = HeaderLayout.of(header, spans: false)
        reading.hashed = try withHasher { (hasher) throws(ShelfError) in
            let (digests, sample) = bytes.withUnsafeBytes { hasher.hash($0, layout: layout) }
            return HashedFile(digests: digests, sample: sample, identity: file.identity)
        }
        counter.add(file.size)
        return true
    }

    private func withHasher<Result>(_ body: (FileHasher) throws(ShelfError) -> Result) throws(ShelfError) -> Result {
        let box: HasherBox
        if let taken = idle.withLock({ $0.popLast() }) {
            box = taken
        } else {
            box = HasherBox(try FileHasher(.scan))
        }
        defer { idle.withLock { $0.append(box) } }
        return try body(box.hasher)
    }
}
