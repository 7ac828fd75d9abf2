internal import Glibc

/// A rate of bytes that does not jump: what was done lately counts more than what was done before, by a curve without
/// edges. Times are arguments, so that it is tested without waiting.
public struct RateMeter: Sendable {
    /// After so long a moment counts a third of what it did (nanoseconds).
    private static let memory = 5e9
    /// Before so much time has passed there is nothing to tell (nanoseconds).
    private static let least: Int64 = 100_000_000

    private var last: (time: Int64, bytes: Int64)?
    private var start: Int64 = 0
    private var bytes = 0.0
    private var time = 0.0

    /// The most bytes that were ever done: what is shown. Bytes that are taken back make what is left longer, but nobody
    /// wants to see a bar go backwards.
    public private(set) var most: Int64 = 0

    public init() {}

    /// Bytes a second after `done` bytes in all at `now` (nanoseconds of any clock that does not jump); 0 while there is
    /// too little to tell. Bytes that are taken back, of a file that is read again, count as none.
    public mutating func rate(bytes done: Int64, now: Int64) -> Double {
        most = max(most, done)
        guard let before = last else {
            last = (now, done)
            start = now
            return 0
        }
        let passed = Double(now - before.time)
        if passed > 0 {
            let fading = exp(-passed / Self.memory)
            bytes = bytes * fading + Double(max(0, done - before.bytes))
            time = time * fading + passed
            last = (now, done)
        }
        guard now - start >= Self.least, bytes >= 1 else { return 0 }
        return bytes / time * 1e9
    }

    /// Seconds until `total` bytes are done; nil while the rate is not known.
    public static func secondsLeft(_ done: Int64, of total: Int64, rate: Double) -> Double? {
        rate > 0 ? Double(max(0, total - done)) / rate : nil
    }
}
