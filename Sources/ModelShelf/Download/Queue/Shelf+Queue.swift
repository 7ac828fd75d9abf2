public import ShelfBase
internal import ShelfCivitai
internal import ShelfStore

/// The queue of downloads. It is kept in the store, so it outlives the process, and any process may list and change it;
/// ``runDownloads(_:cancellation:progress:)`` works it off.
extension Shelf {
    /// Puts downloads at the end of the queue. One that is in it already is not added twice.
    public func addDownloads(_ requests: [DownloadRequest]) throws(ShelfError) -> [QueuedDownload] {
        try checkUse()
        // What cannot be meant is refused while somebody is there to mend it.
        for request in requests { try DownloadResolver.check(request.what) }
        return try store.write { (connection) throws(ShelfError) in
            var added: [QueuedDownload] = []
            for request in requests {
                let id = try connection.addDownload(request.stored)
                if let wanted = try connection.download(id) { added.append(QueuedDownload(wanted)) }
            }
            return added
        }
    }

    /// The queue in its order, with what was done lately.
    public func downloads() throws(ShelfError) -> [QueuedDownload] {
        try checkUse()
        try store.write { (connection) throws(ShelfError) in try connection.releaseClaimsOfTheDead() }
        return try store.read { (connection) throws(ShelfError) in
            var downloads: [QueuedDownload] = []
            for wanted in try connection.downloads() { downloads.append(QueuedDownload(wanted)) }
            return downloads
        }
    }

    /// Makes downloads wait until they are resumed; one that runs, in whichever process, stops within a second and
    /// keeps its bytes. Nil for all that are not done.
    public func pauseDownloads(_ ids: [Int64]?) throws(ShelfError) {
        try change(ids) { (connection, id) throws(ShelfError) in try connection.pauseDownload(id) }
    }

    /// Lets downloads that are paused or have failed wait for their turn again. Nil for all of them.
    public func resumeDownloads(_ ids: [Int64]?) throws(ShelfError) {
        try change(ids) { (connection, id) throws(ShelfError) in try connection.resumeDownload(id) }
    }

    /// Takes downloads out of the queue; what was fetched of those that are not whole is removed.
    public func removeDownloads(_ ids: [Int64]) throws(ShelfError) {
        var unfinished: [FilePath] = []
        try change(ids) { (connection, id) throws(ShelfError) in
            if let wanted = try connection.download(id), wanted.state != .done, let path = wanted.path {
                unfinished.append(path)
            }
            try connection.removeDownload(id)
        }
        // One that runs is locked; its process removes it when it notices.
        for path in unfinished { Downloader.discard(path) }
    }

    private func change(
        _ ids: [Int64]?, _ body: (Connection, Int64) throws(ShelfError) -> Void
    ) throws(ShelfError) {
        try checkUse()
        try store.write { (connection) throws(ShelfError) in
            let known = try connection.downloads().map(\.id)
            for id in ids ?? [] where !known.contains(id) {
                throw ShelfError(
                    .notFound, "the queue has no download with the number \(id)",
                    hint: "modelshelf download --list shows the numbers")
            }
            for id in ids ?? known { try body(connection, id) }
        }
    }

    /// Works off what waits, one after the other, on the calling thread: all of it, or the named downloads. Those that
    /// other processes work on are waited for. What fails is left in the queue as failed.
    ///
    /// `progress` may answer false to stop. What is stopped, or killed, goes on with the next call.
    public func runDownloads(
        _ ids: [Int64]? = nil, cancellation: Cancellation = Cancellation(),
        progress: ((TransferProgress) -> Bool)? = nil
    ) throws(ShelfError) -> DownloadsReport {
        try checkUse()
        let run = QueueRun(shelf: self, store: store, only: ids, cancellation: cancellation, deliver: progress)
        return try run.run()
    }
}
