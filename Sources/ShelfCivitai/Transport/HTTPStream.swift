internal import ShelfBase
internal import Synchronization

/// The answer to one request while it arrives: first its head, then its body piece by piece, then its end.
///
/// Read by one thread. A reader that is slow holds the server back: at most a few pieces wait in memory. Letting the
/// stream go ends the exchange.
public final class HTTPStream: Sendable {
    public enum Event: Sendable {
        /// Status and headers; the body of this response is empty.
        case head(HTTPResponse)
        case bytes([UInt8])
        /// The whole answer was there.
        case end
        case failed(TransportFailure)
    }

    private let inlet: StreamInlet
    private let resume: @Sendable () -> Void
    private let stop: @Sendable () -> Void

    init(inlet: StreamInlet, resume: @escaping @Sendable () -> Void, cancel: @escaping @Sendable () -> Void) {
        self.inlet = inlet
        self.resume = resume
        stop = cancel
    }

    deinit { stop() }

    /// What came next, waiting up to `milliseconds` for it; nil when nothing did. After ``Event/end`` and
    /// ``Event/failed(_:)`` nothing comes any more.
    public func next(milliseconds: Int64) -> Event? {
        guard let event = inlet.events.receive(milliseconds: milliseconds) else { return nil }
        if case .bytes(let bytes) = event, inlet.took(bytes.count) { resume() }
        return event
    }
}

/// The network thread's end of a stream.
final class StreamInlet: Sendable {
    /// Bytes that may wait for the reader. More would not make it faster, and each exchange may hold so much.
    static let capacity = 4 << 20

    let events = Mailbox<HTTPStream.Event>()
    private let waiting = Atomic<Int>(0)
    private let paused = Atomic<Bool>(false)
    private let begun = Atomic<Bool>(false)

    var hasHead: Bool { begun.load(ordering: .relaxed) }
    var isPaused: Bool { paused.load(ordering: .sequentiallyConsistent) }

    func begin(_ head: HTTPResponse) {
        begun.store(true, ordering: .relaxed)
        events.post(.head(head))
    }

    /// Takes a piece; false when the reader must come first, after which the same piece is offered again.
    func offer(_ bytes: UnsafeRawBufferPointer) -> Bool {
        if waiting.load(ordering: .sequentiallyConsistent) >= Self.capacity {
            // Announced first and checked again, so that a reader who took everything in between is not waited for.
            paused.store(true, ordering: .sequentiallyConsistent)
            guard waiting.load(ordering: .sequentiallyConsistent) < Self.capacity else { return false }
        }
        paused.store(false, ordering: .sequentiallyConsistent)
        waiting.add(bytes.count, ordering: .sequentiallyConsistent)
        events.post(.bytes(Array(bytes)))
        return true
    }

    /// Notes that the reader has a piece; true when the server is held back and may go on.
    func took(_ count: Int) -> Bool {
        let left = waiting.subtract(count, ordering: .sequentiallyConsistent).newValue
        guard left < Self.capacity / 2 else { return false }
        return paused.exchange(false, ordering: .sequentiallyConsistent)
    }

    func finish(_ outcome: Result<HTTPResponse, TransportFailure>) {
        switch outcome {
        case .success(let response):
            if !hasHead { begin(response) }
            events.post(.end)
        case .failure(let failure): events.post(.failed(failure))
        }
        events.close()
    }
}
