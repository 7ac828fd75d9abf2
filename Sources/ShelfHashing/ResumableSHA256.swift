internal import CHashKernels
internal import ShelfBase

/// A running SHA-256 whose state can be written down, so that a download that goes on tomorrow need not read again what
/// was hashed today. A value: copies go their own ways.
public struct ResumableSHA256: Sendable {
    private static let version = "sha256-1"

    private var context = shelf_sha256()

    /// Bytes hashed so far.
    public var count: Int64 { Int64(clamping: context.length) }

    public init() { shelf_sha256_init(&context) }

    /// Takes up a state that ``state`` gave; nil when the text is not one.
    public init?(state: String) {
        let parts = state.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 4, parts[0] == Self.version, let count = Int64(parts[1]), count >= 0, count < 1 << 60,
            let chain = Hex.decode(parts[2]), chain.count == 32, let rest = Hex.decode(parts[3]),
            rest.count == Int(count % 64)
        else { return nil }
        shelf_sha256_init(&context)
        context.length = UInt64(count)
        withUnsafeMutableBytes(of: &context.state) { words in
            for index in 0..<8 {
                let word = chain[index * 4..<index * 4 + 4].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
                words.storeBytes(of: word, toByteOffset: index * 4, as: UInt32.self)
            }
        }
        withUnsafeMutableBytes(of: &context.buffer) { $0.copyBytes(from: rest) }
    }

    /// The state as a line of text: the length, the chaining value, and the bytes of the block that is not full yet.
    public var state: String {
        let chain = withUnsafeBytes(of: context.state) { words in
            (0..<8).flatMap { index -> [UInt8] in
                let word = words.loadUnaligned(fromByteOffset: index * 4, as: UInt32.self)
                return [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: word >> $0) }
            }
        }
        let rest = withUnsafeBytes(of: context.buffer) { Array($0.prefix(Int(context.length % 64))) }
        return "\(Self.version):\(count):\(Hex.encode(chain)):\(Hex.encode(rest))"
    }

    public mutating func update(_ bytes: UnsafeRawBufferPointer) {
        guard let base = bytes.baseAddress, !bytes.isEmpty else { return }
        shelf_sha256_update(&context, base, bytes.count)
    }

    /// The digest of everything so far. More may be added afterwards.
    public func digest() -> [UInt8] {
        var copy = context
        return [UInt8](unsafeUninitializedCapacity: 32) { buffer, filled in
            shelf_sha256_final(&copy, buffer.baseAddress)
            filled = 32
        }
    }
}
