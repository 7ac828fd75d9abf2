/// Messages for the person who runs the process: silent unless somebody listens.
///
/// A library must not write to a server's standard streams by itself; the command line and the Python package each
/// install a listener. Messages never hold tokens, bound SQL values or file content.
public enum Log {
    public enum Level: Int, Sendable, Comparable {
        case debug, info, warning, error

        public static func < (left: Level, right: Level) -> Bool { left.rawValue < right.rawValue }
    }

    public typealias Listener = @Sendable (Level, String) -> Void

    private static let listener = Locked<(minimum: Level, call: Listener)?>(nil)

    /// Installs the one listener, or removes it with nil. It may be called from any thread.
    public static func listen(minimum: Level = .info, _ call: Listener?) {
        listener.withLock { $0 = call.map { (minimum, $0) } }
    }

    public static func write(_ level: Level, _ message: @autoclosure () -> String) {
        guard let (minimum, call) = listener.withLock({ $0 }), level >= minimum else { return }
        call(level, message())
    }
}
