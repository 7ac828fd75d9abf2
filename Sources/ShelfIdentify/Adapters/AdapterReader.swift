internal import ShelfFormats

/// What the tensors of an adapter tell, gathered in one walk over them.
struct AdapterReader {
    /// Modules that differ only in the numbers of their blocks, merged.
    private(set) var kinds: [ModuleKind] = []
    private(set) var methods: [String: Int] = [:]
    /// Ranks of the diffusion model's modules, or of the text encoders', to how many modules have them.
    private(set) var ranks: [UInt64: Int] = [:]
    private(set) var encoderRanks: [UInt64: Int] = [:]
    /// Architectures that a prefix alone gives away.
    private(set) var targetArchitectures: Set<String> = []
    /// Whether a convolution with a kernel larger than 1x1 is adapted.
    private(set) var hasConvolution = false
    private(set) var adapterKeys = 0
    private(set) var strongKeys = 0
    private(set) var otherKeys = 0
    /// Tensors of two and more dimensions that belong to no adapter.
    private(set) var otherWeights = 0
    /// Names of tensors that belong to no adapter; some of them.
    private(set) var otherNames: [[UInt8]] = []

    private var positions: [UInt64: Int] = [:]
    private var names = ModuleNames()

    /// Distinct kinds of modules kept; real files have fewer than a hundred.
    private static let kindLimit = 2048
    private static let otherLimit = 256
    /// Bytes of a module's name that is looked into, and widths kept of modules of one kind.
    private static let nameLimit = 256
    private static let widthLimit = 64

    init(_ tensors: [Tensor]) {
        var counts = [Int](repeating: 0, count: AdapterSuffix.table.count)
        for tensor in tensors {
            guard let row = AdapterSuffix.row(tensor.name) else {
                addOther(tensor)
                continue
            }
            counts[row] += 1
            add(tensor, AdapterSuffix.table[row].role, suffix: AdapterSuffix.table[row].text.count)
        }
        for (suffix, count) in zip(AdapterSuffix.table, counts) where count > 0 {
            adapterKeys += count
            if !suffix.isWeak { strongKeys += count }
            if suffix.role != .alpha { methods[suffix.method, default: 0] += count }
        }
    }

    /// Whether the file is an adapter: its tensors are, or what else is there are no weights.
    var isAdapter: Bool {
        guard strongKeys > 0 || weakMethodsSuffice else { return false }
        return adapterKeys * 2 >= adapterKeys + otherKeys || otherWeights == 0
    }

    /// Endings that others use too count when nearly every tensor has them.
    private var weakMethodsSuffice: Bool {
        let weak = adapterKeys - strongKeys
        return !methods.isEmpty && weak * 10 >= (adapterKeys + otherKeys) * 9
    }

    private mutating func addOther(_ tensor: Tensor) {
        otherKeys += 1
        if tensor.shape.count >= 2 { otherWeights += 1 }
        if otherNames.count < AdapterReader.otherLimit { otherNames.append(tensor.name) }
    }

    private mutating func add(_ tensor: Tensor, _ role: AdapterSuffix.Role, suffix: Int) {
        // A scalar says nothing that the module's other tensors do not.
        guard role != .alpha else { return }
        var encoder = 0
        var prefix = 0
        if let row = AdapterTarget.row(tensor.name) {
            encoder = AdapterTarget.table[row].encoder
            prefix = AdapterTarget.table[row].prefix.count
            if let architecture = AdapterTarget.table[row].architecture { targetArchitectures.insert(architecture) }
        }
        let end = tensor.name.count - suffix
        guard prefix <= end, end - prefix <= AdapterReader.nameLimit,
            let position = kind(tensor.name, prefix..<end, encoder)
        else { return }
        addShape(tensor.shape, role, position, encoder: encoder)
    }

    private mutating func kind(_ name: [UInt8], _ module: Range<Int>, _ encoder: Int) -> Int? {
        name.withUnsafeBufferPointer { names.read(UnsafeBufferPointer(rebasing: $0[module])) }
        let key = names.hash ^ UInt64(truncatingIfNeeded: encoder) << 56
        if let position = positions[key] {
            kinds[position].add(names.numbers)
            return position
        }
        guard kinds.count < AdapterReader.kindLimit else { return nil }
        let text = name.withUnsafeBufferPointer { names.text(UnsafeBufferPointer(rebasing: $0[module])) }
        kinds.append(ModuleKind(text: text, encoder: encoder))
        let position = kinds.count - 1
        kinds[position].add(names.numbers)
        positions[key] = position
        return position
    }

    private mutating func addShape(
        _ shape: [UInt64], _ role: AdapterSuffix.Role, _ position: Int, encoder: Int
    ) {
        guard shape.count >= 2 else { return }
        switch role {
        case .down:
            countRank(shape[0], encoder)
            addInput(shape[1], position)
            if shape.count == 4, shape[2] > 1 || shape[3] > 1 { hasConvolution = true }
        case .up: addOutput(shape[0], position)
        case .hadaInput:
            countRank(shape[0], encoder)
            addInput(shape[1], position)
        case .hadaOutput: addOutput(shape[0], position)
        case .kronFirst: kinds[position].first = ModuleKind.Factor(rows: shape[0], columns: shape[1])
        case .kronFirstA:
            countRank(shape[1], encoder)
            kinds[position].first.rows = shape[0]
        case .kronFirstB: kinds[position].first.columns = shape[1]
        case .kronSecond:
            kinds[position].second = ModuleKind.Factor(rows: shape[0], columns: shape[1])
            if shape.count == 4, shape[2] > 1 || shape[3] > 1 { hasConvolution = true }
        case .kronSecondA:
            countRank(shape[1], encoder)
            kinds[position].second.rows = shape[0]
        case .kronSecondB: kinds[position].second.columns = shape[1]
        case .mid, .kronCore: hasConvolution = true
        case .alpha, .dora, .other: break
        }
    }

    private mutating func addInput(_ width: UInt64, _ position: Int) {
        if kinds[position].inputs.count < AdapterReader.widthLimit { kinds[position].inputs.insert(width) }
    }

    private mutating func addOutput(_ width: UInt64, _ position: Int) {
        if kinds[position].outputs.count < AdapterReader.widthLimit { kinds[position].outputs.insert(width) }
    }

    private mutating func countRank(_ rank: UInt64, _ encoder: Int) {
        if encoder == 0 { ranks[rank, default: 0] += 1 } else { encoderRanks[rank, default: 0] += 1 }
    }

    /// The rank of most modules; of equally many the larger. Nil when every module is a full matrix.
    var rank: Int? {
        let counts = ranks.isEmpty ? encoderRanks : ranks
        let most = counts.max { ($0.value, $0.key) < ($1.value, $1.key) }
        return most.flatMap { Int(exactly: $0.key) }
    }

    /// The method: DoRA before the others, which come before plain LoRA.
    var method: String {
        for name in ["dora", "loha", "lokr", "glora", "oft", "ia3"] where methods[name] != nil { return name }
        if methods["locon"] != nil || methods["lora"] != nil { return hasConvolution ? "locon" : "lora" }
        return methods["diff"] != nil ? "diff" : methods["norm"] != nil ? "norm" : "lora"
    }

    /// The method in Civitai's words: everything of LyCORIS is a LoCon there.
    var type: ModelType {
        switch method {
        case "dora": .dora
        case "locon", "loha", "lokr", "glora", "oft", "ia3": .locon
        default: .lora
        }
    }
}
