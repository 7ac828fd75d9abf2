public import CModelShelf
internal import ModelShelf
internal import ShelfBase

@c @implementation public func ms_open(
    _ database: UnsafePointer<CChar>!, _ options: UnsafePointer<CChar>!,
    _ shelf: UnsafeMutablePointer<OpaquePointer?>!, _ error: UnsafeMutablePointer<OpaquePointer?>!
) -> ms_status {
    outcome(error) { () throws(ShelfError) in
        let shelf = try Arguments.required(shelf, "shelf")
        var options = try Options(options, "options")
        let offline = try options.bool("offline")
        try options.finish()
        shelf.pointee = try Bridge.current.open(Arguments.optionalPath(database), offline: offline)
    }
}

@c @implementation public func ms_close(_ shelf: OpaquePointer!) { Bridge.current.close(shelf) }

@c @implementation public func ms_database(
    _ shelf: OpaquePointer!, _ path: UnsafeMutablePointer<OpaquePointer?>!,
    _ error: UnsafeMutablePointer<OpaquePointer?>!
) -> ms_status {
    outcome(error) { () throws(ShelfError) in
        let path = try Arguments.required(path, "path")
        let database = try Arguments.shelf(shelf).database
        path.pointee = try Bridge.current.handles.add(.text(CText(database.bytes)))
    }
}

@c @implementation public func ms_scan(
    _ shelf: OpaquePointer!, _ request: UnsafePointer<CChar>!, _ progress: ms_progress_fn!,
    _ payload: UnsafeMutableRawPointer!, _ token: OpaquePointer!, _ report: UnsafeMutablePointer<OpaquePointer?>!,
    _ error: UnsafeMutablePointer<OpaquePointer?>!
) -> ms_status {
    outcome(error) { () throws(ShelfError) in
        let report = try Arguments.required(report, "report")
        let shelf = try Arguments.shelf(shelf)
        let callback = ProgressCallback(progress, payload)
        let result = try shelf.scan(
            ScanRequest(json: request), cancellation: Arguments.cancellation(token),
            progress: callback.map { callback in { callback.report($0) } })
        try report.give(result.json)
    }
}

@c @implementation public func ms_doctor(
    _ shelf: OpaquePointer!, _ findings: UnsafeMutablePointer<OpaquePointer?>!,
    _ error: UnsafeMutablePointer<OpaquePointer?>!
) -> ms_status {
    outcome(error) { () throws(ShelfError) in
        let findings = try Arguments.required(findings, "findings")
        try findings.give(Arguments.shelf(shelf).doctor())
    }
}
