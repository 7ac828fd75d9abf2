/// One condition on an adapter's modules. Names are as in ``ModuleKind/text``; `^` ties one to the start.
enum AdapterTest: Sendable {
    /// Some module's name has one of these words in a row.
    case any([String])
    /// Each of these is found in some module's name.
    case all([String])
    /// A module with one of the names takes one of these widths.
    case input([String], [UInt64])
    /// A module with the name gives a multiple of what it takes.
    case ratio(String, UInt64)
    /// At the first `N` of the name there stands one of these numbers.
    case number(String, [Int])
    /// At the first `N` of the name there stands this number or a larger one.
    case numberAtLeast(String, Int)
    /// A text encoder of this number is adapted; a module with the words, when there are any.
    case encoder(Int, [String])
    case encoderInput(Int, [UInt64])
    /// A tensor that belongs to no adapter has this in its name.
    case plain(String)

    func holds(_ adapter: AdapterReader) -> Bool {
        let model = adapter.kinds.lazy.filter { $0.encoder == 0 }
        switch self {
        case .any(let patterns): return model.contains { kind in patterns.contains { kind.range(of: $0) != nil } }
        case .all(let patterns):
            return patterns.allSatisfy { pattern in model.contains { $0.range(of: pattern) != nil } }
        case .input(let patterns, let widths):
            return model.contains { kind in
                !kind.allInputs.isDisjoint(with: widths) && patterns.contains { kind.range(of: $0) != nil }
            }
        case .ratio(let pattern, let factor):
            return model.contains { kind in
                kind.range(of: pattern) != nil
                    && kind.allInputs.contains { input in
                        let (output, overflow) = input.multipliedReportingOverflow(by: factor)
                        return !overflow && input > 0 && kind.allOutputs.contains(output)
                    }
            }
        case .number(let pattern, let numbers):
            return model.contains { kind in
                kind.numbers(at: pattern).map { set in numbers.contains { set.contains($0) } } ?? false
            }
        case .numberAtLeast(let pattern, let minimum):
            return model.contains { ($0.numbers(at: pattern)?.maximum ?? -1) >= minimum }
        case .encoder(let number, let patterns):
            return adapter.kinds.contains { kind in
                kind.encoder == number && (patterns.isEmpty || patterns.contains { kind.range(of: $0) != nil })
            }
        case .encoderInput(let number, let widths):
            return adapter.kinds.contains { $0.encoder == number && !$0.allInputs.isDisjoint(with: widths) }
        case .plain(let text): return adapter.otherNames.contains { Bytes.contains($0, text) }
        }
    }

    /// The condition in words, for the evidence of an identification.
    var evidence: String {
        switch self {
        case .any(let patterns): patterns.first ?? ""
        case .all(let patterns): patterns.joined(separator: " and ")
        case .input(let patterns, let widths):
            "\(patterns.first ?? "") takes \(widths.map { String($0) }.joined(separator: " or "))"
        case .ratio(let pattern, let factor): "\(pattern) widens \(factor) times"
        case .number(let pattern, _): "number of \(pattern)"
        case .numberAtLeast(let pattern, let minimum): "\(pattern) of \(minimum) or more"
        case .encoder(let number, _): number == 4 ? "text encoder" : "text encoder \(number)"
        case .encoderInput(_, let widths):
            "text encoder of width \(widths.map { String($0) }.joined(separator: " or "))"
        case .plain(let text): "*\(text)*"
        }
    }
}

/// A row of the table of adapters.
struct AdapterRule: Sendable {
    let architecture: String
    let tests: [AdapterTest]
    let variants: [Variant]
    let alternatives: [String]

    struct Variant: Sendable {
        let name: String?
        let tests: [AdapterTest]
        let architecture: String?
        let alternatives: [String]

        init(
            _ name: String?, _ tests: [AdapterTest] = [], architecture: String? = nil, alternatives: [String] = []
        ) {
            self.name = name
            self.tests = tests
            self.architecture = architecture
            self.alternatives = alternatives
        }
    }

    init(
        _ architecture: String, _ tests: [AdapterTest], _ variants: [Variant] = [], alternatives: [String] = []
    ) {
        self.architecture = architecture
        self.tests = tests
        self.variants = variants
        self.alternatives = alternatives
    }

    func verdict(_ adapter: AdapterReader) -> Verdict? {
        guard tests.allSatisfy({ $0.holds(adapter) }) else { return nil }
        let variant = variants.first { $0.tests.allSatisfy { $0.holds(adapter) } }
        let used = tests + (variant?.tests ?? [])
        let bySize = used.contains { test in
            switch test {
            case .input, .ratio, .number, .numberAtLeast, .encoderInput: true
            default: false
            }
        }
        return Verdict(
            architecture: variant?.architecture ?? architecture, variant: variant?.name,
            confidence: bySize ? "shape" : "exact", evidence: used.map(\.evidence),
            alternatives: variant?.alternatives ?? alternatives)
    }
}
