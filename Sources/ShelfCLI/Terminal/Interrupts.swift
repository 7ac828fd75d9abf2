internal import Glibc
internal import ShelfBase
internal import Synchronization

/// Ctrl-C and SIGTERM.
///
/// The signals are blocked in every thread and taken by one that does nothing but wait for them, so that what happens
/// then is ordinary code and not a signal handler, which may do next to nothing.
final class Interrupts: Sendable {
    enum Action: Sendable, Equatable {
        /// Ask the work to stop between two steps.
        case cancel
        /// End the process now.
        case exit
        /// The same signal told twice, as `timeout` does.
        case ignore
    }

    let cancellation = Cancellation()
    private let state = Mutex(State())

    private struct State {
        var isWorking = false
        var stop: (@Sendable () -> Void)?
        var firstSignal: Int64?
    }

    /// Runs work that stops by itself once it is cancelled. Outside of such work a signal ends the process.
    ///
    /// - Parameter stop: called when a signal comes, from another thread: for work that waits and does not look.
    func whileWorking<Result>(
        stop: (@Sendable () -> Void)? = nil, _ body: (Cancellation) throws(ShelfError) -> Result
    ) throws(ShelfError) -> Result {
        state.withLock { state in
            state.isWorking = true
            state.stop = stop
        }
        defer {
            state.withLock { state in
                state.isWorking = false
                state.stop = nil
            }
        }
        return try body(cancellation)
    }

    /// What a signal that comes at `now` (nanoseconds) is to do.
    func receive(now: Int64) -> Action {
        let action: Action = state.withLock { state in
            if let first = state.firstSignal { return now - first < 250_000_000 ? .ignore : .exit }
            state.firstSignal = now
            return state.isWorking ? .cancel : .exit
        }
        if action == .cancel {
            cancellation.cancel()
            state.withLock { $0.stop }?()
        }
        return action
    }

    /// Takes the signals over. To be called once, before any other thread is there.
    func listen(_ console: Console) {
        signal(SIGPIPE, SIG_IGN)
        var signals = Self.signals()
        guard pthread_sigmask(SIG_BLOCK, &signals, nil) == 0 else { return }
        let thread = ThreadHandle.start { [self] in
            var signals = Self.signals()
            var number: Int32 = 0
            while sigwait(&signals, &number) == 0 {
                switch receive(now: Clock.monotonicNanoseconds()) {
                case .cancel: console.say("modelshelf: stopping, what is finished is kept (again to end at once)")
                case .ignore: break
                case .exit:
                    console.abandonLine()
                    console.terminal.writeMessage(Array("modelshelf: interrupted\n".utf8))
                    _exit(ExitStatus.cancelled)
                }
            }
        }
        // Without a thread to wait for them, the signals do what they always do.
        if thread == nil { pthread_sigmask(SIG_UNBLOCK, &signals, nil) }
    }

    private static func signals() -> sigset_t {
        var signals = sigset_t()
        sigemptyset(&signals)
        sigaddset(&signals, SIGINT)
        sigaddset(&signals, SIGTERM)
        return signals
    }
}
