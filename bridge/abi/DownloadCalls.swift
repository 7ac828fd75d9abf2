public import CModelShelf
internal import ModelShelf
internal import ShelfBase

@c @implementation public func ms_downloads_add(
    _ shelf: OpaquePointer!, _ requests: UnsafePointer<CChar>!, _ downloads: UnsafeMutablePointer<OpaquePointer?>!,
    _ error: UnsafeMutablePointer<OpaquePointer?>!
) -> ms_status {
    outcome(error) { () throws(ShelfError) in
        let out = try Arguments.required(downloads, "downloads")
        let shelf = try Arguments.shelf(shelf)
        guard let document = try Options.document(requests, "requests") else {
            throw Arguments.invalid("requests is NULL")
        }
        guard let items = document.array else { throw Arguments.invalid("requests is not a JSON array") }
        var wanted: [DownloadRequest] = []
        for item in items { wanted.append(try DownloadRequest(json: item)) }
        try out.give(["downloads": .array(shelf.addDownloads(wanted).map { .object($0.json) })])
    }
}

@c @implementation public func ms_downloads_list(
    _ shelf: OpaquePointer!, _ downloads: UnsafeMutablePointer<OpaquePointer?>!,
    _ error: UnsafeMutablePointer<OpaquePointer?>!
) -> ms_status {
    outcome(error) { () throws(ShelfError) in
        let out = try Arguments.required(downloads, "downloads")
        let shelf = try Arguments.shelf(shelf)
        try out.give(["downloads": .array(shelf.downloads().map { .object($0.json) })])
    }
}

@c @implementation public func ms_downloads_pause(
    _ shelf: OpaquePointer!, _ download: Int64, _ error: UnsafeMutablePointer<OpaquePointer?>!
) -> ms_status {
    outcome(error) { () throws(ShelfError) in
        try Arguments.shelf(shelf).pauseDownloads(download == 0 ? nil : [download])
    }
}

@c @implementation public func ms_downloads_resume(
    _ shelf: OpaquePointer!, _ download: Int64, _ error: UnsafeMutablePointer<OpaquePointer?>!
) -> ms_status {
    outcome(error) { () throws(ShelfError) in
        try Arguments.shelf(shelf).resumeDownloads(download == 0 ? nil : [download])
    }
}

@c @implementation public func ms_downloads_remove(
    _ shelf: OpaquePointer!, _ download: Int64, _ error: UnsafeMutablePointer<OpaquePointer?>!
) -> ms_status {
    outcome(error) { () throws(ShelfError) in try Arguments.shelf(shelf).removeDownloads([download]) }
}

@c @implementation public func ms_downloads_run(
    _ shelf: OpaquePointer!, _ progress: ms_progress_fn!, _ payload: UnsafeMutableRawPointer!,
    _ token: OpaquePointer!, _ report: UnsafeMutablePointer<OpaquePointer?>!,
    _ error: UnsafeMutablePointer<OpaquePointer?>!
) -> ms_status {
    outcome(error) { () throws(ShelfError) in
        let report = try Arguments.required(report, "report")
        let shelf = try Arguments.shelf(shelf)
        let cancellation = try Arguments.cancellation(token)
        let answer = try tended(ProgressCallback(progress, payload), cancellation) {
            (cancellation, shown) throws(ShelfError) in
            try shelf.runDownloads(nil, cancellation: cancellation) { progress in
                shown.withLock { $0 = ShownProgress(progress) }
                return true
            }.json
        }
        try report.give(answer)
    }
}
