internal import Glibc
internal import ShelfBase
internal import Synchronization

/// Who works on something, in a form that tells other processes whether it still lives.
///
/// A process is told by the boot of its machine, its PID namespace, its PID and its start time: a number that was
/// given again, another container and another machine on a network disk are not mistaken for it.
public struct ClaimOwner: Sendable, Hashable {
    public let text: String

    /// A claim whose heartbeat stopped for this long is free (milliseconds).
    public static let lifetime: Int64 = 30_000

    static func current() -> ClaimOwner {
        ClaimOwner(text: "\(place):\(getpid()):\(startTime(of: getpid()) ?? 0)")
    }

    /// The same process under another name: two scans of one process must not take each other's files for their own.
    public func distinct() -> ClaimOwner {
        ClaimOwner(text: text + ":\(Self.count.add(1, ordering: .relaxed).newValue)")
    }

    private static let count = Atomic<Int>(0)

    /// True when the owner certainly does not live any more; false also when that cannot be known from here.
    public static func isDead(_ text: String) -> Bool {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count >= 4, "\(parts[0]):\(parts[1])" == place, let pid = Int32(parts[2]),
            let start = Int64(parts[3])
        else { return false }
        guard let now = startTime(of: pid) else { return kill(pid, 0) != 0 && errno == ESRCH }
        return now != start
    }

    private static let place: String = {
        let boot = ProcessFile.text("/proc/sys/kernel/random/boot_id") ?? "unknown"
        var buffer = [UInt8](repeating: 0, count: 64)
        let count = buffer.withUnsafeMutableBytes { target in
            target.baseAddress.map {
                readlink("/proc/self/ns/pid", $0.assumingMemoryBound(to: CChar.self), target.count)
            }
                ?? 0
        }
        let namespace = String(decoding: buffer.prefix(max(0, count)).filter { $0 != UInt8(ascii: ":") }, as: UTF8.self)
        return "\(boot.filter { !$0.isWhitespace }):\(namespace)"
    }()

    /// Clock ticks after boot at which a process began: field 22 of its `stat`, counted after the name in brackets.
    private static func startTime(of pid: Int32) -> Int64? {
        guard let text = ProcessFile.text("/proc/\(pid)/stat"), let bracket = text.lastIndex(of: ")") else {
            return nil
        }
        let fields = text[text.index(after: bracket)...].split(separator: " ")
        return fields.count > 19 ? Int64(fields[19]) : nil
    }
}
