internal import ShelfBase
internal import ShelfHashing

/// Names of algorithms as people and programs give them.
enum AlgorithmNames {
    /// The algorithms, each once, in the order of their names; `all` stands for the usual ones.
    static func parse(_ names: [String]) throws(ShelfError) -> [HashAlgorithm] {
        var chosen: [HashAlgorithm] = []
        for name in names {
            if name.lowercased() == "all" {
                chosen += HashAlgorithm.usual
            } else if let algorithm = HashAlgorithm(rawValue: name.lowercased()) {
                chosen.append(algorithm)
            } else {
                let known = HashAlgorithm.allCases.map(\.rawValue).joined(separator: " ")
                throw ShelfError(.usage, "unknown algorithm: \(name)", hint: "one of: all \(known)")
            }
        }
        guard !chosen.isEmpty else { throw ShelfError(.usage, "no algorithm named") }
        var seen: Set<HashAlgorithm> = []
        return chosen.filter { seen.insert($0).inserted }
    }
}
