internal import Glibc

/// A queue between threads: workers post, one thread receives, with a time limit.
///
/// Built on a POSIX mutex and condition because the standard library's `Mutex` has no condition to wait on.
public final class Mailbox<Message: Sendable>: @unchecked Sendable {
    // Sendable: every access to `messages` and `isClosed` happens between lock and unlock of `mutex`.
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let arrived = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private var messages: [Message] = []
    /// How many of `messages`, from the front, are taken already: moving the rest up for each would make a long queue
    /// cost the square of its length.
    private var taken = 0
    private var isClosed = false

    public init() {
        pthread_mutex_init(mutex, nil)
        var attributes = pthread_condattr_t()
        pthread_condattr_init(&attributes)
        pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        pthread_cond_init(arrived, &attributes)
        pthread_condattr_destroy(&attributes)
    }

    deinit {
        pthread_cond_destroy(arrived)
        pthread_mutex_destroy(mutex)
        arrived.deallocate()
        mutex.deallocate()
    }

    public func post(_ message: Message) {
        pthread_mutex_lock(mutex)
        messages.append(message)
        pthread_cond_signal(arrived)
        pthread_mutex_unlock(mutex)
    }

    /// Wakes every receiver; from then on `receive` gives what is left and then nothing at once.
    public func close() {
        pthread_mutex_lock(mutex)
        isClosed = true
        pthread_cond_broadcast(arrived)
        pthread_mutex_unlock(mutex)
    }

    /// Whether it was closed, waiting up to `milliseconds` for that; messages are left where they are.
    public func isClosed(waiting milliseconds: Int64) -> Bool {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        if !isClosed { waitForMessage(milliseconds) }
        return isClosed
    }

    /// Everything that has arrived, waiting up to `milliseconds` (forever when negative) for the first message.
    public func receiveAll(milliseconds: Int64) -> [Message] {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        waitForMessage(milliseconds)
        let received = taken == 0 ? messages : Array(messages[taken...])
        messages.removeAll(keepingCapacity: true)
        taken = 0
        return received
    }

    /// The oldest message, waiting up to `milliseconds` (forever when negative) for one.
    public func receive(milliseconds: Int64) -> Message? {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        waitForMessage(milliseconds)
        guard taken < messages.count else { return nil }
        let message = messages[taken]
        taken += 1
        if taken == messages.count {
            messages.removeAll(keepingCapacity: true)
            taken = 0
        } else if taken >= 1024, taken * 2 >= messages.count {
            // What was taken is let go now and then, so that a queue which is never empty does not grow for ever.
            messages.removeFirst(taken)
            taken = 0
        }
        return message
    }

    private func waitForMessage(_ milliseconds: Int64) {
        // A limit of more than thirty years is as good as none, and the sum does not overflow.
        let deadline = Clock.monotonicNanoseconds() + min(max(0, milliseconds), 1_000_000_000_000) * 1_000_000
        var limit = timespec(tv_sec: Int(deadline / 1_000_000_000), tv_nsec: Int(deadline % 1_000_000_000))
        while taken == messages.count, !isClosed {
            if milliseconds < 0 {
                pthread_cond_wait(arrived, mutex)
            } else if pthread_cond_timedwait(arrived, mutex, &limit) == ETIMEDOUT {
                return
            }
        }
    }
}
