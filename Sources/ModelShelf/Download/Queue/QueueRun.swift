internal import ShelfBase
internal import ShelfCivitai
internal import ShelfStore

/// Works off the queue of downloads, one after the other.
final class QueueRun {
    /// How often it is looked whether somebody paused or removed the download that runs (nanoseconds).
    private static let look: Int64 = 500_000_000

    private let shelf: Shelf
    private let store: Store
    private let only: Set<Int64>?
    private let cancellation: Cancellation
    private let deliver: ((TransferProgress) -> Bool)?
    private let owner: ClaimOwner
    private var report = DownloadsReport()
    private var lastLook: Int64 = 0

    init(
        shelf: Shelf, store: Store, only: [Int64]?, cancellation: Cancellation,
        deliver: ((TransferProgress) -> Bool)?
    ) {
        self.shelf = shelf
        self.store = store
        self.only = only.map { Set($0) }
        self.cancellation = cancellation
        self.deliver = deliver
        owner = store.owner.distinct()
    }

    func run() throws(ShelfError) -> DownloadsReport {
        while true {
            try cancellation.check()
            switch try next() {
            case .claimed(let wanted): try work(wanted)
            case .elsewhere:
                var state = TransferProgress()
                state.phase = DownloadProgress.Phase.waiting.rawValue
                guard deliver?(state) ?? true else { throw ShelfError(.cancelled, "cancelled") }
                Clock.sleep(milliseconds: 100)
            case .nothing: return report
            }
        }
    }

    private enum Next {
        case claimed(WantedDownload)
        /// What is left is worked on by others.
        case elsewhere
        case nothing
    }

    private func next() throws(ShelfError) -> Next {
        try store.write { (connection) throws(ShelfError) in
            try connection.releaseClaimsOfTheDead()
            var isElsewhere = false
            for wanted in try connection.downloads() where wanted.state == .waiting {
                guard self.only?.contains(wanted.id) ?? true else { continue }
                if try connection.claimDownload(wanted.id, self.owner, now: Clock.wallMilliseconds()) {
                    return .claimed(wanted)
                }
                isElsewhere = true
            }
            return isElsewhere ? .elsewhere : .nothing
        }
    }

    private func work(_ wanted: WantedDownload) throws(ShelfError) {
        var folder: FilePath?
        var path: FilePath?
        var isWithdrawn = false
        let what = QueuedDownload(wanted).what
        lastLook = 0
        do throws(ShelfError) {
            let result = try shelf.download(
                DownloadRequest(stored: wanted.request), cancellation: Cancellation(partOf: cancellation),
                placed: { folder = $0 }
            ) { state in
                path = folder.flatMap { folder in state.name.map { folder.appending($0) } }
                isWithdrawn = !self.isStillWanted(wanted, state, path)
                return !isWithdrawn && (self.deliver?(state) ?? true)
            }
            report.done.append((wanted.id, what, result))
            try store.write { (connection) throws(ShelfError) in
                try connection.finishDownload(wanted.id, path: result.path, bytes: result.bytes, problem: nil)
            }
        } catch {
            if isWithdrawn {
                try release(wanted)
                // Removed, not paused: nobody wants the bytes any more.
                let isGone = try store.read { (connection) throws(ShelfError) in
                    try connection.download(wanted.id) == nil
                }
                if isGone, let path { Downloader.discard(path) }
                return
            }
            guard error.code != .cancelled, error.code != .storeError, error.code != .storeBusy else {
                try release(wanted)
                throw error
            }
            report.failed.append((wanted.id, what, error))
            let problem: JSONObject = [
                "code": .string(error.code.rawValue), "message": .string(error.message),
                "hint": .optional(error.hint),
            ]
            try store.write { (connection) throws(ShelfError) in
                try connection.finishDownload(wanted.id, path: nil, bytes: nil, problem: .object(problem))
            }
        }
    }

    private func release(_ wanted: WantedDownload) throws(ShelfError) {
        try store.write { (connection) throws(ShelfError) in try connection.releaseDownload(wanted.id, self.owner) }
    }

    /// Now and then: says how far it is, and asks whether it is to go on.
    private func isStillWanted(_ wanted: WantedDownload, _ state: TransferProgress, _ path: FilePath?) -> Bool {
        let now = Clock.monotonicNanoseconds()
        guard now - lastLook >= Self.look else { return true }
        lastLook = now
        do throws(ShelfError) {
            return try store.write { (connection) throws(ShelfError) in
                try connection.noteDownload(
                    wanted.id, path: path, bytes: state.bytes, total: state.total, self.owner)
            }
        } catch {
            // A store that is busy for a moment is no reason to stop.
            Log.write(.debug, "the progress of a download cannot be noted: \(error)")
            return true
        }
    }
}
