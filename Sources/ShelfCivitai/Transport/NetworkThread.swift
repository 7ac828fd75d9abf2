internal import CCurl
internal import ShelfBase
internal import Synchronization

/// The one thread that runs libcurl's multi interface. Others post orders and wake it.
final class NetworkThread: @unchecked Sendable {
    // Sendable: `multi`, `active` and `defaults` belong to the thread while it runs. The one call that others make on
    // `multi` is `curl_multi_wakeup`, which libcurl allows from any thread; the handle lives as long as this object.
    private enum Order: Sendable {
        case add(Transfer)
        case cancel(UInt64)
        /// Bytes that were held back may come.
        case resume(UInt64)
        case stop
    }

    private static let connectionsInAll = 24
    /// How often transfers are looked at for a stand-still.
    private static let tickMilliseconds: Int32 = 100

    private let multi: UnsafeMutableRawPointer
    private let defaults: TransferDefaults
    private let orders = Mailbox<Order>()
    private var active: [UnsafeMutableRawPointer: Transfer] = [:]
    private let opened = Atomic<Int>(0)

    /// Nil when libcurl has no memory or cannot be set up.
    init?(defaults: TransferDefaults) {
        guard CurlLibrary.isReady, let multi = curl_multi_init() else { return nil }
        self.multi = multi
        self.defaults = defaults
        shelf_curl_multi_set_long(multi, CURLMOPT_PIPELINING, Int(CURLPIPE_MULTIPLEX))
        shelf_curl_multi_set_long(multi, CURLMOPT_MAX_HOST_CONNECTIONS, HTTPTransport.connectionsPerHost)
        shelf_curl_multi_set_long(multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, Self.connectionsInAll)
    }

    deinit { curl_multi_cleanup(multi) }

    /// Connections opened since the thread was made.
    var connectionsOpened: Int { opened.load(ordering: .relaxed) }

    func add(_ transfer: Transfer) { post(.add(transfer)) }

    func cancel(_ id: UInt64) { post(.cancel(id)) }

    func resume(_ id: UInt64) { post(.resume(id)) }

    /// Ends ``run()``. Nothing may be added after it.
    func stop() { post(.stop) }

    private func post(_ order: Order) {
        orders.post(order)
        curl_multi_wakeup(multi)
    }

    /// The body of the thread; returns after ``stop()``, with every transfer answered.
    func run() {
        while takeOrders() {
            var running: Int32 = 0
            curl_multi_perform(multi, &running)
            collectFinished()
            dropStalled()
            curl_multi_poll(multi, nil, 0, active.isEmpty ? 60_000 : Self.tickMilliseconds, nil)
        }
        for transfer in Array(active.values) { remove(transfer, .failure(TransportFailure(.cancelled))) }
    }

    private func takeOrders() -> Bool {
        var cancelled: Set<UInt64> = []
        var resumed: Set<UInt64> = []
        var isStopping = false
        for order in orders.receiveAll(milliseconds: 0) {
            switch order {
            case .add(let transfer): start(transfer)
            case .cancel(let id): cancelled.insert(id)
            case .resume(let id): resumed.insert(id)
            case .stop: isStopping = true
            }
        }
        if !cancelled.isEmpty {
            for transfer in active.values.filter({ cancelled.contains($0.id) }) {
                remove(transfer, .failure(TransportFailure(.cancelled)))
            }
        }
        if !resumed.isEmpty {
            for (easy, transfer) in active where resumed.contains(transfer.id) {
                curl_easy_pause(easy, CURLPAUSE_CONT)
            }
        }
        return !isStopping
    }

    private func start(_ transfer: Transfer) {
        if let failure = transfer.prepare(defaults) {
            transfer.finish(.failure(failure))
            return
        }
        guard let easy = transfer.easy, curl_multi_add_handle(multi, easy) == CURLM_OK else {
            transfer.finish(.failure(TransportFailure(.other, "libcurl takes no more transfers")))
            return
        }
        transfer.startWatching(now: Clock.monotonicNanoseconds())
        active[easy] = transfer
    }

    private func collectFinished() {
        var left: Int32 = 0
        while let message = curl_multi_info_read(multi, &left) {
            guard message.pointee.msg == CURLMSG_DONE, let easy = message.pointee.easy_handle,
                let transfer = active[easy]
            else { continue }
            let outcome = transfer.outcome(shelf_curl_message_result(message))
            opened.add(transfer.connectionsOpened, ordering: .relaxed)
            remove(transfer, outcome)
        }
    }

    private func dropStalled() {
        let now = Clock.monotonicNanoseconds()
        for transfer in active.values where transfer.isStalled(now: now, moved: transfer.bytesMoved) {
            let kind: TransportFailure.Kind = transfer.answerBegan ? .stalled : .timeout
            remove(transfer, .failure(TransportFailure(kind)))
        }
    }

    private func remove(_ transfer: Transfer, _ outcome: Transfer.Outcome) {
        if let easy = transfer.easy {
            active[easy] = nil
            curl_multi_remove_handle(multi, easy)
        }
        transfer.finish(outcome)
    }
}
