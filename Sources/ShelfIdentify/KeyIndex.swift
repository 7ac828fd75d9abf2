internal import ShelfFormats

/// Finds tensors by name. Most questions are about names that are not there, so a small filter answers them before a
/// dictionary is needed; the dictionary is made when the first name passes it.
final class KeyIndex {
    let tensors: [Tensor]
    private var filter = [UInt64](repeating: 0, count: 256)
    private var firstBytes = [Bool](repeating: false, count: 256)
    private lazy var positions: [ByteKey: Int] = {
        var positions: [ByteKey: Int] = [:]
        positions.reserveCapacity(tensors.count)
        for (index, tensor) in tensors.enumerated() { positions[ByteKey(tensor.name)] = index }
        return positions
    }()

    init(_ tensors: [Tensor]) {
        self.tensors = tensors
        for tensor in tensors {
            guard let first = tensor.name.first, let last = tensor.name.last else { continue }
            firstBytes[Int(first)] = true
            let bit = KeyIndex.bit(first, last, tensor.name.count)
            filter[bit >> 6] |= 1 << UInt64(bit & 63)
        }
    }

    private static func bit(_ first: UInt8, _ last: UInt8, _ count: Int) -> Int {
        (Int(first) &* 31 &+ Int(last) &* 1031 &+ count &* 131) & 0x3fff
    }

    /// The shape of the tensor whose name is `prefix` and `name`; nil when there is none.
    func shape(_ prefix: [UInt8], _ name: String) -> [UInt64]? {
        let utf8 = name.utf8
        guard let first = prefix.first ?? utf8.first, let last = utf8.last ?? prefix.last else { return nil }
        let bit = KeyIndex.bit(first, last, prefix.count + utf8.count)
        guard filter[bit >> 6] >> UInt64(bit & 63) & 1 == 1 else { return nil }
        return positions[ByteKey(prefix + Array(utf8))].map { tensors[$0].shape }
    }

    /// Whether any name starts with the prefix. Looks at every name unless none has its first byte.
    func hasPrefix(_ prefix: [UInt8]) -> Bool {
        guard let first = prefix.first else { return !tensors.isEmpty }
        guard firstBytes[Int(first)] else { return false }
        return tensors.contains { Bytes.hasPrefix($0.name, prefix) }
    }
}

/// The keys below a prefix, as if the prefix were not there.
struct KeyView {
    let index: KeyIndex
    let prefix: [UInt8]

    init(_ index: KeyIndex, prefix: String = "") {
        self.index = index
        self.prefix = Array(prefix.utf8)
    }

    func shape(_ name: String) -> [UInt64]? { index.shape(prefix, name) }

    func has(_ name: String) -> Bool { shape(name) != nil }

    /// One dimension of a tensor; negative axes count from the end. Nil when there is no such tensor or axis.
    func dimension(_ name: String, _ axis: Int) -> UInt64? {
        guard let shape = shape(name) else { return nil }
        let position = axis < 0 ? shape.count + axis : axis
        return shape.indices.contains(position) ? shape[position] : nil
    }

    func hasFamily(_ family: String) -> Bool { index.hasPrefix(prefix + Array(family.utf8)) }

    /// How many blocks `family` has: the length of the run 0, 1, 2, ... among the numbers that follow it.
    func blockCount(_ family: String) -> Int {
        let full = prefix + Array(family.utf8)
        var seen: Set<Int> = []
        for name in index.tensors.lazy.map(\.name) where Bytes.hasPrefix(name, full) {
            if let number = Digits.leading(name[full.count...]), seen.count < 4096 { seen.insert(number) }
        }
        var count = 0
        while seen.contains(count) { count += 1 }
        return count
    }
}

/// Numbers within tensor names.
enum Digits {
    /// The decimal number at the start, of at most six digits.
    static func leading(_ bytes: ArraySlice<UInt8>) -> Int? {
        var value = 0
        var count = 0
        for byte in bytes {
            guard (0x30...0x39).contains(byte) else { break }
            guard count < 6 else { return nil }
            value = value * 10 + Int(byte - 0x30)
            count += 1
        }
        return count > 0 ? value : nil
    }
}
