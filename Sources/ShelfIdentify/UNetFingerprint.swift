internal import ShelfFormats

/// The measures of a UNet of the latent diffusion family, from either way of naming its tensors.
struct UNetFingerprint {
    /// Channels of the first layer, and channels it takes.
    let width: UInt64
    let inputs: UInt64
    /// Width of the text embedding that cross-attention takes; nil without cross-attention.
    let context: UInt64?
    /// Width of the additional embedding (size, pooled text, class).
    let labels: UInt64?
    /// Transformer blocks after each residual block on the way down.
    let depth: [Int]
    /// Transformer blocks in the middle, or -1.
    let middle: Int
    let temporal: Bool

    private let keys: KeyView

    init?(_ keys: KeyView) {
        self.keys = keys
        let isOriginal = keys.has("input_blocks.0.0.weight")
        let first = keys.shape(isOriginal ? "input_blocks.0.0.weight" : "conv_in.weight")
        guard let first, first.count == 4 else { return nil }
        var blocks = Blocks()
        for name in keys.index.tensors.lazy.map(\.name) where Bytes.hasPrefix(name, keys.prefix) {
            let rest = name[keys.prefix.count...]
            if isOriginal { blocks.addOriginal(rest) } else { blocks.addDiffusers(rest) }
        }
        guard !blocks.residual.isEmpty else { return nil }
        (width, inputs) = (first[0], first[1])
        context = blocks.context.flatMap { keys.shape($0)?.last }
        let labelNames = ["label_emb.0.0.weight", "add_embedding.linear_1.weight", "class_embedding.linear_1.weight"]
        labels = labelNames.lazy.compactMap { keys.dimension($0, 1) }.first
        depth = blocks.residual.sorted().map { blocks.depth[$0] ?? 0 }
        middle = blocks.middle > 0 ? blocks.middle : -1
        temporal = blocks.temporal
    }

    /// The row of the table that fits, as a verdict.
    func verdict() -> Verdict? {
        guard let row = UNetTable.rows.first(where: fits) else { return nil }
        var evidence = [
            "channels \(width)", "inputs \(inputs)",
            "depth \(depth.prefix(16).map { String($0) }.joined(separator: ","))",
        ]
        if let context { evidence.append("context \(context)") }
        if let labels { evidence.append("label embedding \(labels)") }
        evidence += row.marks
        if let usual = UNetTable.usualDepths[row.architecture], usual != depth { evidence.append("depth is unusual") }
        return Verdict(
            architecture: row.architecture, variant: row.variant, confidence: "shape", evidence: evidence)
    }

    private func fits(_ row: UNetTable.Row) -> Bool {
        let root = KeyView(keys.index)
        return row.width == width
            && (row.context.map { $0 == context } ?? true)
            && (row.depth.map { $0 == depth } ?? true)
            && (row.middle.map { $0 == middle } ?? true)
            && (row.labels.map { $0.isEmpty ? labels == nil : $0.contains(labels ?? 0) } ?? true)
            && (row.inputs.map { $0.contains(inputs) } ?? true)
            && (row.temporal.map { $0 == temporal } ?? true)
            && row.marks.allSatisfy { root.has($0) || keys.has($0) }
    }
}

/// What the names of a UNet's tensors say about its blocks.
private struct Blocks {
    /// Numbers of the residual blocks on the way down; a block of a level counts as `level * 100 + index`.
    var residual: Set<Int> = []
    /// Transformer blocks by the same numbers.
    var depth: [Int: Int] = [:]
    var middle = 0
    var temporal = false
    /// Name of one tensor that takes the text embedding.
    var context: String?

    private static let cross = Array(".attn2.to_k.weight".utf8)
    private static let temporalMarks = [
        "time_stack", "time_mix_blocks", "temporal_transformer_blocks", "motion_modules",
    ]

    mutating func addOriginal(_ name: ArraySlice<UInt8>) {
        addCommon(name)
        if let rest = after("input_blocks.", name) {
            guard let block = Digits.leading(rest) else { return }
            let inner = rest.drop { $0 != UInt8(ascii: ".") }
            if inner.starts(with: ".0.in_layers.".utf8) { residual.insert(block) }
            if let layer = after(".1.transformer_blocks.", inner).flatMap(Digits.leading) { deepen(block, layer) }
        } else if let layer = after("middle_block.1.transformer_blocks.", name).flatMap(Digits.leading) {
            middle = max(middle, layer + 1)
        }
    }

    mutating func addDiffusers(_ name: ArraySlice<UInt8>) {
        addCommon(name)
        if let rest = after("down_blocks.", name) {
            guard let level = Digits.leading(rest), level < 100 else { return }
            let inner = rest.drop { $0 != UInt8(ascii: ".") }
            if let index = after(".resnets.", inner).flatMap(Digits.leading), index < 100 {
                residual.insert(level * 100 + index)
            }
            guard let attention = after(".attentions.", inner), let index = Digits.leading(attention), index < 100
            else { return }
            let layers = attention.drop { $0 != UInt8(ascii: ".") }
            if let layer = after(".transformer_blocks.", layers).flatMap(Digits.leading) {
                deepen(level * 100 + index, layer)
            }
        } else if let layer = after("mid_block.attentions.0.transformer_blocks.", name).flatMap(Digits.leading) {
            middle = max(middle, layer + 1)
        }
    }

    private mutating func deepen(_ block: Int, _ layer: Int) { depth[block] = max(depth[block] ?? 0, layer + 1) }

    private mutating func addCommon(_ name: ArraySlice<UInt8>) {
        if context == nil, name.count > Blocks.cross.count, name.suffix(Blocks.cross.count) == Blocks.cross[...],
            !Bytes.contains(name, "time_stack")
        {
            context = String(decoding: name, as: UTF8.self)
        }
        if !temporal, Blocks.temporalMarks.contains(where: { Bytes.contains(name, $0) }) { temporal = true }
    }

    private func after(_ prefix: StaticString, _ name: ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
        let count = prefix.utf8CodeUnitCount
        guard name.count >= count else { return nil }
        for index in 0..<count where name[name.startIndex + index] != prefix.utf8Start[index] { return nil }
        return name.dropFirst(count)
    }
}
