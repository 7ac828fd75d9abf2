/// All modules of an adapter whose names differ only in the numbers of their blocks.
struct ModuleKind {
    /// The name with `_` between its words and `N` for the numbers of blocks: `double_blocks_N_img_attn_qkv`.
    let text: String
    /// 0 for the diffusion model, else the text encoder as in ``AdapterTarget``.
    let encoder: Int
    /// The numbers that stood at each `N`.
    private(set) var numbers: [NumberSet] = []
    /// Widths of what the modules take and give, as far as the tensors tell.
    var inputs: Set<UInt64> = []
    var outputs: Set<UInt64> = []
    /// Factors of a Kronecker product, from which the widths follow.
    var first = Factor()
    var second = Factor()

    init(text: String, encoder: Int) {
        self.text = text
        self.encoder = encoder
    }

    mutating func add(_ positions: [Int]) {
        while numbers.count < positions.count { numbers.append(NumberSet()) }
        for (index, number) in positions.enumerated() { numbers[index].insert(number) }
    }

    /// Where `pattern` stands in the name, at the borders of words; `^` ties it to the start.
    func range(of pattern: String) -> Range<Int>? {
        let isTied = pattern.utf8.first == UInt8(ascii: "^")
        var wanted = isTied ? String(pattern.dropFirst()) : pattern
        var text = text
        return text.withUTF8 { text in
            wanted.withUTF8 { wanted in
                var start = 0
                while let found = Bytes.position(of: wanted, in: UnsafeBufferPointer(rebasing: text[start...])) {
                    let range = start + found..<start + found + wanted.count
                    let startsWord = range.lowerBound == 0 || text[range.lowerBound - 1] == UInt8(ascii: "_")
                    let endsWord = range.upperBound == text.count || text[range.upperBound] == UInt8(ascii: "_")
                    if startsWord && endsWord && (!isTied || range.lowerBound == 0) { return range }
                    guard !isTied else { return nil }
                    start = range.lowerBound + 1
                }
                return nil
            }
        }
    }

    /// The numbers at the first `N` within `pattern`.
    func numbers(at pattern: String) -> NumberSet? {
        guard let range = range(of: pattern), let inside = pattern.utf8.firstIndex(of: UInt8(ascii: "N")) else {
            return nil
        }
        let tie = pattern.utf8.first == UInt8(ascii: "^") ? 1 : 0
        let offset = range.lowerBound + pattern.utf8.distance(from: pattern.utf8.startIndex, to: inside) - tie
        // An N stands for a number only when it is a word.
        let words = text.utf8.prefix(offset).split(separator: UInt8(ascii: "_"))
        let position = words.count { $0.elementsEqual([UInt8(ascii: "N")]) }
        return numbers.indices.contains(position) ? numbers[position] : nil
    }

    /// The inputs, those of Kronecker products among them.
    var allInputs: Set<UInt64> {
        guard let left = first.columns, let right = second.columns else { return inputs }
        return inputs.union([left.multipliedReportingOverflow(by: right).partialValue])
    }

    var allOutputs: Set<UInt64> {
        guard let left = first.rows, let right = second.rows else { return outputs }
        return outputs.union([left.multipliedReportingOverflow(by: right).partialValue])
    }

    struct Factor {
        var rows: UInt64?
        var columns: UInt64?
    }
}

/// A set of small numbers.
struct NumberSet {
    private var bits: UInt64 = 0
    private(set) var maximum = 0

    mutating func insert(_ number: Int) {
        if (0..<64).contains(number) { bits |= 1 << UInt64(number) }
        maximum = max(maximum, number)
    }

    func contains(_ number: Int) -> Bool { (0..<64).contains(number) && bits >> UInt64(number) & 1 == 1 }
}
