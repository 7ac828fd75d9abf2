public import CModelShelf
internal import ShelfBase
internal import Synchronization

/// Messages that wait to be pulled; what comes while it is full is dropped.
final class MessageQueue: Sendable {
    struct Message: Sendable {
        let level: Log.Level
        let text: String
    }

    private static let limit = 1000
    private let messages = Mailbox<Message>()
    private let count = Atomic(0)
    private let isListening: Atomic<Bool>

    /// - Parameter parent: the queue of the process that this one was forked from, whose listener is still here.
    init(parent: MessageQueue? = nil) {
        isListening = Atomic(parent?.isListening.load(ordering: .relaxed) ?? false)
    }

    func listen(_ minimum: Log.Level?) {
        guard let minimum else {
            // Inside the command line somebody else may listen, who is not to be silenced.
            if isListening.exchange(false, ordering: .relaxed) { Log.listen(nil) }
            while take(milliseconds: 0) != nil {}
            return
        }
        isListening.store(true, ordering: .relaxed)
        Log.listen(minimum: minimum) { [self] in put(Message(level: $0, text: $1)) }
    }

    func take(milliseconds: Int64) -> Message? {
        // Waiting for nothing at all takes the kernel's time; this is asked after every long call.
        guard milliseconds > 0 || count.load(ordering: .relaxed) > 0 else { return nil }
        guard let message = messages.receive(milliseconds: milliseconds) else { return nil }
        count.subtract(1, ordering: .relaxed)
        return message
    }

    private func put(_ message: Message) {
        if count.add(1, ordering: .relaxed).newValue <= Self.limit {
            messages.post(message)
        } else {
            count.subtract(1, ordering: .relaxed)
        }
    }
}

@c @implementation public func ms_log_listen(
    _ level: Int32, _ error: UnsafeMutablePointer<OpaquePointer?>!
) -> ms_status {
    outcome(error) { () throws(ShelfError) in
        let minimum = Log.Level(rawValue: Int(level))
        guard level == -1 || minimum != nil else { throw Arguments.invalid("there is no such level") }
        Bridge.current.messages.listen(minimum)
    }
}

@c @implementation public func ms_log_next(
    _ milliseconds: Int32, _ level: UnsafeMutablePointer<Int32>!, _ message: UnsafeMutablePointer<OpaquePointer?>!,
    _ error: UnsafeMutablePointer<OpaquePointer?>!
) -> ms_status {
    outcome(error) { () throws(ShelfError) in
        let out = try Arguments.required(message, "message")
        guard let message = Bridge.current.messages.take(milliseconds: Int64(max(0, milliseconds))) else {
            out.pointee = nil
            return
        }
        out.pointee = try Bridge.current.handles.add(.text(CText(message.text)))
        level?.pointee = Int32(message.level.rawValue)
    }
}
