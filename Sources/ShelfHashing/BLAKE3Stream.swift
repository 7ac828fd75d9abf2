internal import CHashKernels

/// One running BLAKE3. Used by one thread at a time.
public final class BLAKE3Stream {
    /// A part of the tree that was hashed apart from the rest: the chaining values of its two halves.
    public struct Subtree: Sendable {
        let chunks: Int
        let halves: [UInt8]

        /// Hashes `bytes`, which start at `offset` of the file, on any thread. Nil unless their number is a power of
        /// two of at least 2048 and `offset` a multiple of it: other parts have no place of their own in the tree.
        public init?(_ bytes: UnsafeRawBufferPointer, at offset: Int64) {
            let chunks = bytes.count / Int(SHELF_BLAKE3_CHUNK)
            guard bytes.count >= 2048, bytes.count.nonzeroBitCount == 1, offset % Int64(bytes.count) == 0,
                let base = bytes.baseAddress
            else { return nil }
            self.chunks = chunks
            halves = [UInt8](unsafeUninitializedCapacity: 64) { buffer, count in
                shelf_blake3_subtree(
                    base.assumingMemoryBound(to: UInt8.self), chunks,
                    UInt64(offset) / UInt64(SHELF_BLAKE3_CHUNK), buffer.baseAddress)
                count = 64
            }
        }
    }

    private let context = UnsafeMutablePointer<shelf_blake3>.allocate(capacity: 1)

    public init() {
        context.initialize(to: shelf_blake3())
        reset()
    }

    deinit { context.deallocate() }

    public func reset() { shelf_blake3_init(context) }

    /// Takes over the state of another.
    func become(_ other: BLAKE3Stream) { context.pointee = other.context.pointee }

    public func update(_ bytes: UnsafeRawBufferPointer) {
        shelf_blake3_update(context, bytes.baseAddress, bytes.count)
    }

    /// Takes bytes that were hashed already; all before them must have been taken.
    public func add(_ subtree: Subtree) { shelf_blake3_add_subtree(context, subtree.chunks, subtree.halves) }

    /// The digest of everything since the last ``reset()``; more may follow.
    public func finish() -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: Int(SHELF_BLAKE3_DIGEST)) { buffer, count in
            shelf_blake3_final(context, buffer.baseAddress)
            count = Int(SHELF_BLAKE3_DIGEST)
        }
    }
}
