/// The requests of one call of ``RequestSender``: which wait, which are under way, which are done. No I/O and no
/// clock; times are milliseconds of the caller's.
struct Batch {
    struct Job {
        var request: HTTPRequest
        var attempts = 0
        var hops = 0
        var startedAt: Int64 = 0
    }

    private struct HostQueue {
        /// Indices that were never tried, last first.
        var fresh: [Int] = []
        /// Indices to try again, with their times. Few at a time: no more than were under way.
        var again: [(index: Int, due: Int64)] = []

        var isEmpty: Bool { fresh.isEmpty && again.isEmpty }
    }

    private var jobs: [Job?]
    private var queues: [String: HostQueue] = [:]
    private var left: Int

    init(_ requests: [HTTPRequest]) {
        jobs = requests.map { Job(request: $0) }
        left = requests.count
        for (index, request) in requests.enumerated().reversed() {
            queues[Self.host(request), default: HostQueue()].fresh.append(index)
        }
    }

    var isDone: Bool { left == 0 }

    var hostsWithWork: [String] { queues.filter { !$0.value.isEmpty }.map(\.key) }

    /// When the next request to this host is due; the smallest number for at once, nil when none waits.
    func nextDue(_ host: String) -> Int64? {
        guard let queue = queues[host] else { return nil }
        return queue.fresh.isEmpty ? queue.again.map(\.due).min() : .min
    }

    /// Takes the next request that is due, repeats first: whoever waits longest has the smallest time left.
    mutating func takeNext(_ host: String, now: Int64) -> (index: Int, request: HTTPRequest)? {
        guard var queue = queues[host] else { return nil }
        let index: Int
        if let place = queue.again.indices.filter({ queue.again[$0].due <= now }).min(by: {
            queue.again[$0].due < queue.again[$1].due
        }) {
            index = queue.again.remove(at: place).index
        } else if let fresh = queue.fresh.popLast() {
            index = fresh
        } else {
            return nil
        }
        queues[host] = queue
        guard var job = jobs[index] else { return nil }
        if job.attempts == 0, job.hops == 0 { job.startedAt = now }
        job.attempts += 1
        jobs[index] = job
        return (index, job.request)
    }

    func inFlight(_ index: Int) -> Job? { jobs.indices.contains(index) ? jobs[index] : nil }

    mutating func retry(_ index: Int, at due: Int64) {
        guard let job = inFlight(index) else { return }
        queues[Self.host(job.request), default: HostQueue()].again.append((index, due))
    }

    /// A hop is not an attempt: the count begins anew at the new place.
    mutating func redirect(_ index: Int, to request: HTTPRequest) {
        guard var job = inFlight(index) else { return }
        job.request = request
        job.hops += 1
        job.attempts = 0
        jobs[index] = job
        retry(index, at: .min)
    }

    mutating func finish(_ index: Int) {
        guard inFlight(index) != nil else { return }
        jobs[index] = nil
        left -= 1
    }

    /// Ends everything that waits for this host; returns the indices.
    mutating func dropWaiting(_ host: String) -> [Int] {
        guard let queue = queues.removeValue(forKey: host) else { return [] }
        let indices = queue.fresh.reversed() + queue.again.map(\.index)
        for index in indices { finish(index) }
        return indices
    }

    private static func host(_ request: HTTPRequest) -> String { request.url.origin.description }
}
