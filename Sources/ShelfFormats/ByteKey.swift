/// Bytes as a dictionary key, hashed in one go: an array of bytes hashes them one by one, several times slower.
public struct ByteKey: Hashable, Sendable {
    public let bytes: [UInt8]

    public init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    public static func == (left: ByteKey, right: ByteKey) -> Bool { left.bytes == right.bytes }

    public func hash(into hasher: inout Hasher) {
        bytes.withUnsafeBytes { hasher.combine(bytes: $0) }
    }
}
