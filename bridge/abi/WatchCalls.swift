public import CModelShelf
internal import ModelShelf
internal import ShelfBase

@c @implementation public func ms_watch_start(
    _ shelf: OpaquePointer!, _ request: UnsafePointer<CChar>!, _ watch: UnsafeMutablePointer<OpaquePointer?>!,
    _ error: UnsafeMutablePointer<OpaquePointer?>!
) -> ms_status {
    outcome(error) { () throws(ShelfError) in
        let watch = try Arguments.required(watch, "watch")
        let shelf = try Arguments.shelf(shelf)
        var wishes = try Options(request, "request")
        let folders = try ScanRequest.Folder.list(&wishes)
        var options = WatchOptions()
        options.lookup = try wishes.bool("lookup")
        options.previews = try wishes.bool("previews")
        options.previewLevel = try wishes.text("max_level")
        options.sidecars = try wishes.texts("sidecars")
        options.sidecarFolder = try wishes.path("metadata_dir")
        options.verifiesAdopted = try wishes.bool("verify")
        options.jobs = try wishes.count("jobs").flatMap { $0 > 0 ? $0 : nil }
        options.isBackground = try wishes.bool("background") ?? options.isBackground
        options.pollMilliseconds = try pace(&wishes, "poll_ms")
        options.reconcileMilliseconds = try pace(&wishes, "reconcile_ms") ?? options.reconcileMilliseconds
        options.onlyPolls = try wishes.bool("only_polls") ?? options.onlyPolls
        try wishes.finish()
        watch.pointee = try Bridge.current.handles.add(.watch(shelf.watch(folders, options)))
    }
}

/// A pause between two looks: from a tenth of a second to a day.
private func pace(_ options: inout Options, _ key: String) throws(ShelfError) -> Int64? {
    guard let milliseconds = try options.count(key) else { return nil }
    guard (100...86_400_000).contains(milliseconds) else {
        throw Arguments.invalid("\(key) in request must be from 100 to 86400000")
    }
    return Int64(milliseconds)
}

@c @implementation public func ms_events_next(
    _ watch: OpaquePointer!, _ milliseconds: Int32, _ events: UnsafeMutablePointer<OpaquePointer?>!,
    _ error: UnsafeMutablePointer<OpaquePointer?>!
) -> ms_status {
    outcome(error) { () throws(ShelfError) in
        let out = try Arguments.required(events, "events")
        let watch = try Arguments.watch(watch)
        let events = try watch.next(milliseconds: Int64(milliseconds))
        if events.isEmpty, watch.isEnded {
            out.pointee = nil
            return
        }
        let document = JSONValue.array(events.map { .object($0.json) })
        out.pointee = try Bridge.current.handles.add(.text(CText(document.bytes())))
    }
}

@c @implementation public func ms_watch_stop(
    _ watch: OpaquePointer!, _ error: UnsafeMutablePointer<OpaquePointer?>!
) -> ms_status {
    outcome(error) { () throws(ShelfError) in try Arguments.watch(watch).stop() }
}

@c @implementation public func ms_watch_free(_ watch: OpaquePointer!) {
    let removed = Bridge.current.handles.remove(watch) { if case .watch = $0 { true } else { false } }
    guard case .watch(let watch)? = removed else { return }
    watch.stop()
}
