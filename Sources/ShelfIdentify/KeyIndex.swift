internal import ShelfFormats

/// Finds tensors by name: one dictionary for the whole file, built once, asked a few hundred times.
struct KeyIndex {
    let tensors: [Tensor]
    private let positions: [ByteKey: Int]

    init(_ tensors: [Tensor]) {
        self.tensors = tensors
        var positions: [ByteKey: Int] = [:]
        positions.reserveCapacity(tensors.count)
        for (index, tensor) in tensors.enumerated() { positions[ByteKey(tensor.name)] = index }
        self.positions = positions
    }

    /// The shape of a tensor; nil when there is none of that name.
    func shape(_ name: some Sequence<UInt8>) -> [UInt64]? {
        positions[ByteKey(Array(name))].map { tensors[$0].shape }
    }

    func has(_ name: String) -> Bool { positions[ByteKey(Array(name.utf8))] != nil }

    func tensor(_ name: String) -> Tensor? { positions[ByteKey(Array(name.utf8))].map { tensors[$0] } }

    /// Whether any name starts with the prefix. Looks at every name: for questions that are rarely asked.
    func hasPrefix(_ prefix: some Collection<UInt8>) -> Bool {
        let prefix = Array(prefix)
        return tensors.contains { $0.name.starts(with: prefix) }
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

    func shape(_ name: String) -> [UInt64]? { index.shape(prefix + Array(name.utf8)) }

    func has(_ name: String) -> Bool { shape(name) != nil }

    /// One dimension of a tensor; negative axes count from the end. Nil when there is no such tensor or axis.
    func dimension(_ name: String, _ axis: Int) -> UInt64? {
        guard let shape = shape(name) else { return nil }
        let position = axis < 0 ? shape.count + axis : axis
        return shape.indices.contains(position) ? shape[position] : nil
    }

    func hasFamily(_ family: String) -> Bool { index.hasPrefix(prefix + Array(family.utf8)) }

    /// What follows `family` in every name that starts with it.
    func rests(of family: String) -> [ArraySlice<UInt8>] {
        let full = prefix + Array(family.utf8)
        return index.tensors.lazy.filter { $0.name.starts(with: full) }.map { $0.name[full.count...] }
    }

    /// How many blocks `family` has: the length of the run 0, 1, 2, ... among the numbers that follow it.
    func blockCount(_ family: String) -> Int {
        var seen: Set<Int> = []
        for rest in rests(of: family) {
            if let number = Digits.leading(rest), seen.count < 4096 { seen.insert(number) }
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
