internal import CHashKernels

/// One running SHA-256 of our own kernels. Used by one thread at a time.
public final class SHA256Stream {
    let context = UnsafeMutablePointer<shelf_sha256>.allocate(capacity: 1)

    public init() {
        context.initialize(to: shelf_sha256())
        reset()
    }

    deinit { context.deallocate() }

    public func reset() { shelf_sha256_init(context) }

    /// Takes over the state of another.
    func become(_ other: SHA256Stream) { context.pointee = other.context.pointee }

    public func update(_ bytes: UnsafeRawBufferPointer) {
        shelf_sha256_update(context, bytes.baseAddress, bytes.count)
    }

    public func update(_ bytes: [UInt8]) { bytes.withUnsafeBytes { update($0) } }

    /// The digest of everything since the last ``reset()``; more may follow.
    public func finish() -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: Int(SHELF_SHA256_DIGEST)) { buffer, count in
            shelf_sha256_final(context, buffer.baseAddress)
            count = Int(SHELF_SHA256_DIGEST)
        }
    }
}

/// Bytes that wait for their SHA-256, of several streams: they are worked through side by side, because one stream
/// alone leaves most of a core idle.
///
/// The bytes must stay where they are until ``run()``, and a stream may be in it once.
public struct SHA256Feeds {
    private var contexts: [UnsafeMutablePointer<shelf_sha256>?] = []
    private var starts: [UnsafePointer<UInt8>?] = []
    private var counts: [Int] = []

    public init() {}

    public mutating func add(_ bytes: UnsafeRawBufferPointer, to stream: SHA256Stream) {
        guard let start = bytes.baseAddress, !bytes.isEmpty else { return }
        contexts.append(stream.context)
        starts.append(start.assumingMemoryBound(to: UInt8.self))
        counts.append(bytes.count)
    }

    /// Takes over what was added to another.
    mutating func append(_ other: SHA256Feeds) {
        contexts += other.contexts
        starts += other.starts
        counts += other.counts
    }

    public var isEmpty: Bool { counts.isEmpty }

    /// Hashes what was added, and is empty again.
    public mutating func run() {
        shelf_sha256_update_many(contexts, starts, counts, counts.count)
        contexts.removeAll(keepingCapacity: true)
        starts.removeAll(keepingCapacity: true)
        counts.removeAll(keepingCapacity: true)
    }
}
