internal import CSystem
internal import Glibc

/// A fixed number of threads of our own for work that blocks: reading and hashing.
///
/// Swift's cooperative pool must never block, and a C or Python caller has no task to suspend; so the core brings its
/// own threads. They have every signal blocked: Ctrl-C is the program's own business.
public final class WorkerPool: Sendable {
    public typealias Job = @Sendable () -> Void

    private let jobs = Mailbox<Job>()
    private let threads: [ThreadHandle]

    /// `isBackground`: with the lowest priority for processor and disk.
    public init(threads count: Int, isBackground: Bool = false) {
        var handles: [ThreadHandle] = []
        let jobs = self.jobs
        for _ in 0..<max(1, count) {
            let handle = ThreadHandle.start {
                if isBackground { ThreadPriority.lower() }
                while let job = jobs.receive(milliseconds: -1) { job() }
            }
            if let handle { handles.append(handle) }
        }
        threads = handles
    }

    public var count: Int { threads.count }

    /// Runs `job` on one of the threads; on the calling thread if the system gave us none.
    public func submit(_ job: @escaping Job) {
        if threads.isEmpty { job() } else { jobs.post(job) }
    }

    /// Lets the threads finish what was submitted and waits for them.
    public func finish() {
        jobs.close()
        for thread in threads { thread.join() }
    }

    /// Processors that this process may run on: a container or `taskset` may allow fewer than the machine has.
    public static var processorCount: Int { Int(shelf_processor_count()) }
}

/// How much the calling thread counts against others.
public enum ThreadPriority {
    /// Lowers it to the least for processor and disk. It cannot be taken back without privileges; threads that are
    /// started afterwards from this one begin with the same.
    public static func lower() { shelf_background_thread() }
}

/// One POSIX thread that can be joined once.
public struct ThreadHandle: Sendable {
    private let thread: pthread_t

    private final class Body: Sendable {
        let run: @Sendable () -> Void
        init(_ run: @escaping @Sendable () -> Void) { self.run = run }
    }

    /// Starts a thread with all signals blocked; nil when the system has no thread to give.
    public static func start(_ run: @escaping @Sendable () -> Void) -> ThreadHandle? {
        var everySignal = sigset_t()
        var before = sigset_t()
        sigfillset(&everySignal)
        pthread_sigmask(SIG_SETMASK, &everySignal, &before)
        defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
        var thread = pthread_t()
        let context = Unmanaged.passRetained(Body(run))
        let status = pthread_create(
            &thread, nil,
            { context in
                if let context { Unmanaged<Body>.fromOpaque(context).takeRetainedValue().run() }
                return nil
            }, context.toOpaque())
        guard status == 0 else {
            context.release()
            return nil
        }
        return ThreadHandle(thread: thread)
    }

    public func join() { pthread_join(thread, nil) }
}
