internal import ShelfBase

/// What became of the lines of checksum files, a million of which need no more room than their names.
struct CheckedSums {
    private struct Finding: Hashable {
        let failure: ErrorCode?
        let message: String
    }

    private struct Portion {
        var names: [UInt8] = []
        var lengths: [Int32] = []
        /// Places in `findings`.
        var results: [Int32] = []
    }

    /// Lines that are not checksums.
    var malformed = 0
    private(set) var count = 0
    private var portions: [Portion] = []
    /// There are few, and many lines of each.
    private var findings: [Finding] = []
    private var places: [Finding: Int32] = [:]
    private var counts: [ErrorCode?: Int] = [:]

    mutating func add(_ verdicts: [SumCheck.Verdict]) {
        var portion = Portion()
        for verdict in verdicts {
            let finding = Finding(failure: verdict.failure, message: verdict.message)
            let place = places[finding] ?? Int32(findings.count)
            if Int(place) == findings.count {
                findings.append(finding)
                places[finding] = place
            }
            portion.names += verdict.path.bytes
            portion.lengths.append(Int32(clamping: verdict.path.bytes.count))
            portion.results.append(place)
            counts[verdict.failure, default: 0] += 1
        }
        count += verdicts.count
        portions.append(portion)
    }

    /// How many lines failed so; nil for those that are as they should be.
    func count(of failure: ErrorCode?) -> Int { counts[failure] ?? 0 }

    /// Every way in which lines turned out.
    var failures: [ErrorCode?] { Array(counts.keys) }

    /// The verdicts in the order of the lines, a portion at a time.
    var verdicts: some Sequence<[SumCheck.Verdict]> {
        portions.lazy.map { portion in
            var start = 0
            return zip(portion.lengths, portion.results).map { length, place in
                defer { start += Int(length) }
                let path = FilePath(bytes: Array(portion.names[start..<start + Int(length)]))
                let finding = findings[Int(place)]
                return SumCheck.Verdict(path: path, failure: finding.failure, message: finding.message)
            }
        }
    }
}
