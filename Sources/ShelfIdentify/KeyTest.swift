/// One condition on a file's tensors, as the tables of this module use it. Names are without the model's prefix.
enum KeyTest: Sendable {
    /// A tensor of this name is there.
    case key(String)
    /// One of these is there.
    case anyOf([String])
    /// No tensor of this name is there.
    case noKey(String)
    /// Some name starts with this.
    case family(String)
    case noFamily(String)
    /// A dimension of a tensor has one of these values; negative axes count from the end.
    case size(String, Int, [UInt64])
    /// A tensor is there and a dimension of it is none of these.
    case sizeNot(String, Int, [UInt64])
    /// A tensor has this many dimensions.
    case rank(String, Int)
    /// A run of blocks has this length.
    case blocks(String, ClosedRange<Int>)

    func holds(_ keys: KeyView) -> Bool {
        switch self {
        case .key(let name): keys.has(name)
        case .anyOf(let names): names.contains { keys.has($0) }
        case .noKey(let name): !keys.has(name)
        case .family(let family): keys.hasFamily(family)
        case .noFamily(let family): !keys.hasFamily(family)
        case .size(let name, let axis, let values):
            keys.dimension(name, axis).map { values.contains($0) } ?? false
        case .sizeNot(let name, let axis, let values):
            keys.dimension(name, axis).map { !values.contains($0) } ?? false
        case .rank(let name, let rank): keys.shape(name)?.count == rank
        case .blocks(let family, let range): range.contains(keys.blockCount(family))
        }
    }

    /// The condition in words, for the evidence of an identification; nil for what is absent.
    var evidence: String? {
        switch self {
        case .key(let name): name
        case .anyOf(let names): names.first
        case .family(let family): family + "*"
        case .size(let name, let axis, let values):
            "\(name)[\(axis)] = \(values.map { String($0) }.joined(separator: " or "))"
        case .rank(let name, let rank): "\(name) has \(rank) dimensions"
        case .blocks(let family, let range): "\(range.lowerBound) or more \(family)N"
        case .noKey, .noFamily, .sizeNot: nil
        }
    }
}

/// What a rule of a table says about a file.
struct Verdict: Sendable {
    var architecture: String
    var variant: String?
    /// `exact` when a name decided that nothing else has, `shape` when sizes did.
    var confidence = "exact"
    var evidence: [String] = []
    var alternatives: [String] = []
}

/// A row of a table: when all tests hold, it is this architecture, in the variant of the first row of variants whose
/// tests hold.
struct KeyRule: Sendable {
    let architecture: String
    let tests: [KeyTest]
    let variants: [Variant]

    struct Variant: Sendable {
        let name: String?
        let tests: [KeyTest]
        /// Another architecture than the rule's.
        let architecture: String?

        init(_ name: String?, _ tests: [KeyTest] = [], architecture: String? = nil) {
            self.name = name
            self.tests = tests
            self.architecture = architecture
        }
    }

    init(_ architecture: String, _ tests: [KeyTest], _ variants: [Variant] = []) {
        self.architecture = architecture
        self.tests = tests
        self.variants = variants
    }

    func verdict(_ keys: KeyView) -> Verdict? {
        guard tests.allSatisfy({ $0.holds(keys) }) else { return nil }
        let variant = variants.first { $0.tests.allSatisfy { $0.holds(keys) } }
        let evidence = (tests + (variant?.tests ?? [])).compactMap(\.evidence)
        return Verdict(
            architecture: variant?.architecture ?? architecture, variant: variant?.name, evidence: evidence)
    }
}

extension [KeyRule] {
    /// What the first row that fits says.
    func firstVerdict(_ keys: KeyView) -> Verdict? {
        for rule in self {
            if let verdict = rule.verdict(keys) { return verdict }
        }
        return nil
    }
}
