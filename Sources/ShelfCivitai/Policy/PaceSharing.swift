/// Lets several processes that share a store keep to one pace: what one of them is told holds for all.
///
/// Called from any thread, at most a few times a second; it must not block for long. Times are milliseconds since
/// 1970.
public protocol PaceSharing: Sendable {
    /// Nothing may be sent to this host before this time; nil when nobody said so.
    func notBefore(host: String) -> Int64?
    /// This host asked everybody to wait until then.
    func publish(host: String, notBefore: Int64)
}
