internal import ShelfFormats

/// How the tensors of low-rank adapters end, by the programs that write them.
struct AdapterSuffix: Sendable {
    /// What a tensor is to its module.
    enum Role: Sendable {
        /// Maps the input down to the rank; its first dimension is the rank.
        case down
        /// Maps the rank up to the output.
        case up
        case mid, alpha, dora, other
        /// Factors of LoHa: output x rank and rank x input.
        case hadaOutput, hadaInput
        /// Factors of LoKr, whole or themselves factored.
        case kronFirst, kronFirstA, kronFirstB, kronSecond, kronSecondA, kronSecondB, kronCore
    }

    let text: [UInt8]
    let role: Role
    /// The method that the tensor is a sign of.
    let method: String
    /// Whether tensors of other models may end like this too, so that it proves nothing alone.
    let isWeak: Bool

    init(_ text: String, _ role: Role, _ method: String = "lora", weak: Bool = false) {
        self.text = Array(text.utf8)
        self.role = role
        self.method = method
        isWeak = weak
    }

    /// Longer endings stand before the shorter ones that they contain.
    static let table: [AdapterSuffix] = [
        AdapterSuffix(".lora_down.weight", .down), AdapterSuffix(".lora_up.weight", .up),
        AdapterSuffix(".lora_mid.weight", .mid, "locon"),
        AdapterSuffix(".lora_A.default.weight", .down), AdapterSuffix(".lora_B.default.weight", .up),
        AdapterSuffix(".lora_A.weight", .down), AdapterSuffix(".lora_B.weight", .up),
        AdapterSuffix(".lora_A", .down), AdapterSuffix(".lora_B", .up), AdapterSuffix(".lora_B.bias", .other),
        AdapterSuffix(".lora_linear_layer.down.weight", .down), AdapterSuffix(".lora_linear_layer.up.weight", .up),
        AdapterSuffix(".lora.down.weight", .down), AdapterSuffix(".lora.up.weight", .up),
        AdapterSuffix("_lora.down.weight", .down), AdapterSuffix("_lora.up.weight", .up),
        AdapterSuffix("_lora1.down.weight", .down), AdapterSuffix("_lora1.up.weight", .up),
        AdapterSuffix("_lora2.down.weight", .down), AdapterSuffix("_lora2.up.weight", .up),
        AdapterSuffix(".alpha", .alpha, weak: true),
        AdapterSuffix(".dora_scale", .dora, "dora"),
        AdapterSuffix(".lora_magnitude_vector.default.weight", .dora, "dora"),
        AdapterSuffix(".lora_magnitude_vector.weight", .dora, "dora"),
        AdapterSuffix(".lora_magnitude_vector", .dora, "dora"),
        AdapterSuffix(".hada_w1_a", .hadaOutput, "loha"), AdapterSuffix(".hada_w1_b", .hadaInput, "loha"),
        AdapterSuffix(".hada_w2_a", .other, "loha"), AdapterSuffix(".hada_w2_b", .other, "loha"),
        AdapterSuffix(".hada_t1", .other, "loha"), AdapterSuffix(".hada_t2", .other, "loha"),
        AdapterSuffix(".lokr_w1", .kronFirst, "lokr"), AdapterSuffix(".lokr_w1_a", .kronFirstA, "lokr"),
        AdapterSuffix(".lokr_w1_b", .kronFirstB, "lokr"), AdapterSuffix(".lokr_w2", .kronSecond, "lokr"),
        AdapterSuffix(".lokr_w2_a", .kronSecondA, "lokr"), AdapterSuffix(".lokr_w2_b", .kronSecondB, "lokr"),
        AdapterSuffix(".lokr_t2", .kronCore, "lokr"),
        AdapterSuffix(".a1.weight", .other, "glora", weak: true),
        AdapterSuffix(".a2.weight", .other, "glora", weak: true),
        AdapterSuffix(".b1.weight", .other, "glora", weak: true),
        AdapterSuffix(".b2.weight", .other, "glora", weak: true),
        AdapterSuffix(".bm.weight", .other, "glora", weak: true),
        AdapterSuffix(".oft_blocks", .other, "oft"), AdapterSuffix(".oft_diag", .other, "oft"),
        AdapterSuffix(".rescale", .other, "oft", weak: true),
        AdapterSuffix(".on_input", .other, "ia3"),
        AdapterSuffix(".diff", .other, "diff", weak: true), AdapterSuffix(".diff_b", .other, "diff", weak: true),
        AdapterSuffix(".set_weight", .other, "diff", weak: true),
        AdapterSuffix(".reshape_weight", .other, "diff", weak: true),
        AdapterSuffix(".w_norm", .other, "norm", weak: true), AdapterSuffix(".b_norm", .other, "norm", weak: true),
    ]

    /// Rows of the table by the last part of a name that tells: the one after the last dot, or before a closing
    /// `.weight`.
    private static let rows: [UInt64: [Int]] = Dictionary(grouping: table.indices) { row in
        table[row].text.withUnsafeBufferPointer { hash(of: $0) }
    }

    /// The row of the table that a tensor's name ends with.
    static func row(_ name: [UInt8]) -> Int? {
        name.withUnsafeBufferPointer { name in
            guard let rows = rows[hash(of: name)] else { return nil }
            for row in rows where hasSuffix(name, table[row].text) { return row }
            return nil
        }
    }

    private static func hasSuffix(_ name: UnsafeBufferPointer<UInt8>, _ suffix: [UInt8]) -> Bool {
        guard name.count > suffix.count else { return false }
        return suffix.withUnsafeBufferPointer { suffix in
            let start = name.count - suffix.count
            for index in 0..<suffix.count where name[start + index] != suffix[index] { return false }
            return true
        }
    }

    private static let weight = Array(".weight".utf8)

    private static func hash(of name: UnsafeBufferPointer<UInt8>) -> UInt64 {
        var end = name.count
        if end > 0, name[end - 1] == UInt8(ascii: "t"), hasSuffix(name, weight) { end -= weight.count }
        var hash = FowlerNollVo()
        while end > 0, name[end - 1] != UInt8(ascii: ".") {
            end -= 1
            hash.add(name[end])
        }
        return hash.value
    }
}

/// The FNV-1a hash: quick for a few bytes. Collisions only cost a comparison or merge two kinds of module.
struct FowlerNollVo {
    private(set) var value: UInt64 = 0xcbf2_9ce4_8422_2325

    mutating func add(_ byte: UInt8) {
        value = (value ^ UInt64(byte)) &* 0x0000_0100_0000_01b3
    }
}
