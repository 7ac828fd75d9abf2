internal import CCrypto
internal import ShelfBase

/// A running SHA-256 whose state can be written down, so that a download that goes on tomorrow need not read again what
/// was hashed today. A value: copies go their own ways.
public struct ResumableSHA256: Sendable {
    private static let version = "sha256-1"

    private var context = SHA256_CTX()
    /// Bytes hashed so far.
    public private(set) var count: Int64 = 0

    public init() { SHA256_Init(&context) }

    /// Takes up a state that ``state`` gave; nil when the text is not one.
    public init?(state: String) {
        let parts = state.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 4, parts[0] == Self.version, let count = Int64(parts[1]), count >= 0, count < 1 << 60,
            let chain = Hex.decode(parts[2]), chain.count == 32, let rest = Hex.decode(parts[3]),
            rest.count == Int(count % 64)
        else { return nil }
        SHA256_Init(&context)
        self.count = count
        let bits = UInt64(count) << 3
        context.Nl = UInt32(truncatingIfNeeded: bits)
        context.Nh = UInt32(truncatingIfNeeded: bits >> 32)
        context.num = UInt32(rest.count)
        withUnsafeMutableBytes(of: &context.h) { words in
            for index in 0..<8 {
                let word = chain[index * 4..<index * 4 + 4].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
                words.storeBytes(of: word, toByteOffset: index * 4, as: UInt32.self)
            }
        }
        withUnsafeMutableBytes(of: &context.data) { $0.copyBytes(from: rest) }
    }

    /// The state as a line of text: the length, the chaining value, and the bytes of the block that is not full yet.
    public var state: String {
        let chain = withUnsafeBytes(of: context.h) { words in
            (0..<8).flatMap { index -> [UInt8] in
                let word = words.loadUnaligned(fromByteOffset: index * 4, as: UInt32.self)
                return [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: word >> $0) }
            }
        }
        let rest = withUnsafeBytes(of: context.data) { Array($0.prefix(Int(context.num))) }
        return "\(Self.version):\(count):\(Hex.encode(chain)):\(Hex.encode(rest))"
    }

    public mutating func update(_ bytes: UnsafeRawBufferPointer) {
        guard let base = bytes.baseAddress, !bytes.isEmpty else { return }
        SHA256_Update(&context, base, bytes.count)
        count += Int64(bytes.count)
    }

    /// The digest of everything so far. More may be added afterwards.
    public func digest() -> [UInt8] {
        var copy = context
        return [UInt8](unsafeUninitializedCapacity: 32) { buffer, filled in
            SHA256_Final(buffer.baseAddress, &copy)
            filled = 32
        }
    }
}
