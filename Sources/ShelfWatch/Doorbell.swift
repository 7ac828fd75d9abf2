internal import CSystem
internal import Glibc

/// Wakes the thread that waits for reports.
final class Doorbell: Sendable {
    /// To be waited on.
    let descriptor: Int32

    /// Nil when the process has no descriptor left.
    init?() {
        let descriptor = shelf_event_descriptor()
        guard descriptor >= 0 else { return nil }
        self.descriptor = descriptor
    }

    deinit { close(descriptor) }

    func ring() {
        var one: UInt64 = 1
        _ = write(descriptor, &one, 8)
    }

    func silence() {
        var count: UInt64 = 0
        _ = read(descriptor, &count, 8)
    }
}
