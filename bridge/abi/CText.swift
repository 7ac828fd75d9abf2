/// Bytes with a NUL after them, at an address that stays while the object lives.
final class CText: @unchecked Sendable {
    // Sendable: written in the initialiser only.
    private let storage: UnsafeMutablePointer<CChar>
    let count: Int

    init(_ bytes: [UInt8]) {
        count = bytes.count
        storage = .allocate(capacity: bytes.count + 1)
        for (offset, byte) in bytes.enumerated() { (storage + offset).initialize(to: CChar(bitPattern: byte)) }
        (storage + count).initialize(to: 0)
    }

    convenience init(_ text: String) { self.init(Array(text.utf8)) }

    deinit { storage.deallocate() }

    var address: UnsafePointer<CChar> { UnsafePointer(storage) }
}
