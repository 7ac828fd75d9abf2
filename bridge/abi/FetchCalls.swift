public import CModelShelf
internal import ModelShelf
internal import ShelfBase

@c @implementation public func ms_download(
    _ shelf: OpaquePointer!, _ request: UnsafePointer<CChar>!, _ progress: ms_progress_fn!,
    _ payload: UnsafeMutableRawPointer!, _ token: OpaquePointer!, _ report: UnsafeMutablePointer<OpaquePointer?>!,
    _ error: UnsafeMutablePointer<OpaquePointer?>!
) -> ms_status {
    outcome(error) { () throws(ShelfError) in
        let report = try Arguments.required(report, "report")
        let shelf = try Arguments.shelf(shelf)
        let request = try DownloadRequest(json: request)
        let cancellation = try Arguments.cancellation(token)
        let answer = try tended(ProgressCallback(progress, payload), cancellation) {
            (cancellation, shown) throws(ShelfError) in
            try shelf.download(request, cancellation: cancellation) { progress in
                shown.withLock { $0 = ShownProgress(progress) }
                return true
            }.json
        }
        try report.give(answer)
    }
}

@c @implementation public func ms_civitai_download(
    _ request: UnsafePointer<CChar>!, _ options: UnsafePointer<CChar>!, _ progress: ms_progress_fn!,
    _ payload: UnsafeMutableRawPointer!, _ token: OpaquePointer!, _ report: UnsafeMutablePointer<OpaquePointer?>!,
    _ error: UnsafeMutablePointer<OpaquePointer?>!
) -> ms_status {
    outcome(error) { () throws(ShelfError) in
        let report = try Arguments.required(report, "report")
        let request = try DownloadRequest(json: request)
        let service = try ServiceOptions(json: options)
        let cancellation = try Arguments.cancellation(token)
        let answer = try tended(ProgressCallback(progress, payload), cancellation) {
            (cancellation, shown) throws(ShelfError) in
            try CivitaiDownload.download(
                request, token: service.token, baseURL: service.baseURL, offline: service.offline,
                cancellation: cancellation
            ) { progress in
                shown.withLock { $0 = ShownProgress(progress) }
                return true
            }.json
        }
        try report.give(answer)
    }
}

@c @implementation public func ms_preview(
    _ shelf: OpaquePointer!, _ request: UnsafePointer<CChar>!, _ progress: ms_progress_fn!,
    _ payload: UnsafeMutableRawPointer!, _ token: OpaquePointer!, _ report: UnsafeMutablePointer<OpaquePointer?>!,
    _ error: UnsafeMutablePointer<OpaquePointer?>!
) -> ms_status {
    outcome(error) { () throws(ShelfError) in
        let report = try Arguments.required(report, "report")
        let shelf = try Arguments.shelf(shelf)
        let request = try PreviewRequest(json: request)
        let cancellation = try Arguments.cancellation(token)
        let answer = try tended(ProgressCallback(progress, payload), cancellation) {
            (cancellation, shown) throws(ShelfError) in
            try shelf.previews(request, cancellation: cancellation) { done, total in
                shown.withLock { $0 = ShownProgress(phase: "previews", files: done, filesTotal: total) }
                return true
            }.json
        }
        try report.give(answer)
    }
}

@c @implementation public func ms_civitai_me(
    _ options: UnsafePointer<CChar>!, _ progress: ms_progress_fn!, _ payload: UnsafeMutableRawPointer!,
    _ token: OpaquePointer!, _ result: UnsafeMutablePointer<OpaquePointer?>!,
    _ error: UnsafeMutablePointer<OpaquePointer?>!
) -> ms_status {
    outcome(error) { () throws(ShelfError) in
        let result = try Arguments.required(result, "result")
        let service = try ServiceOptions(json: options)
        let cancellation = try Arguments.cancellation(token)
        let answer = try tended(ProgressCallback(progress, payload), cancellation) {
            (cancellation, _) throws(ShelfError) in
            try CivitaiLookup.me(
                token: service.token, baseURL: service.baseURL, offline: service.offline, cancellation: cancellation)
        }
        try result.give(answer)
    }
}

@c @implementation public func ms_civitai_picture(
    _ request: UnsafePointer<CChar>!, _ options: UnsafePointer<CChar>!, _ progress: ms_progress_fn!,
    _ payload: UnsafeMutableRawPointer!, _ token: OpaquePointer!, _ report: UnsafeMutablePointer<OpaquePointer?>!,
    _ error: UnsafeMutablePointer<OpaquePointer?>!
) -> ms_status {
    outcome(error) { () throws(ShelfError) in
        let report = try Arguments.required(report, "report")
        let wish = try PictureRequest(json: request)
        let service = try ServiceOptions(json: options)
        let cancellation = try Arguments.cancellation(token)
        let answer = try tended(ProgressCallback(progress, payload), cancellation) {
            (cancellation, _) throws(ShelfError) in
            try CivitaiPicture.fetch(
                wish.url, to: wish.to, addsEnding: wish.addsEnding, baseURL: service.baseURL,
                offline: service.offline, cancellation: cancellation
            ).json
        }
        try report.give(answer)
    }
}

@c @implementation public func ms_image_url(
    _ url: UnsafePointer<CChar>!, _ width: Int32, _ still: Int32, _ result: UnsafeMutablePointer<OpaquePointer?>!,
    _ error: UnsafeMutablePointer<OpaquePointer?>!
) -> ms_status {
    outcome(error) { () throws(ShelfError) in
        let result = try Arguments.required(result, "result")
        let url = try Arguments.text(url, "url")
        let text = try PreviewRequest.imageURL(url, width: Int(width), still: still != 0)
        result.pointee = try Bridge.current.handles.add(.text(CText(Array(text.utf8))))
    }
}
