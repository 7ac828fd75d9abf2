internal import Glibc

/// The two clocks. Code that decides by time takes times as arguments, so that it is tested without waiting.
public enum Clock {
    /// Nanoseconds since 1970, UTC: comparable with file times.
    public static func wallNanoseconds() -> Int64 { read(CLOCK_REALTIME) }

    /// Milliseconds since 1970, UTC: what the store keeps.
    public static func wallMilliseconds() -> Int64 { wallNanoseconds() / 1_000_000 }

    /// Nanoseconds of a clock that never jumps, for durations.
    public static func monotonicNanoseconds() -> Int64 { read(CLOCK_MONOTONIC) }

    public static func sleep(milliseconds: Int64) {
        guard milliseconds > 0 else { return }
        var wish = timespec(tv_sec: Int(milliseconds / 1000), tv_nsec: Int(milliseconds % 1000) * 1_000_000)
        var left = timespec()
        while nanosleep(&wish, &left) != 0, errno == EINTR { wish = left }
    }

    private static func read(_ clock: clockid_t) -> Int64 {
        var time = timespec()
        clock_gettime(clock, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}
