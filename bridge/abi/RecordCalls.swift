public import CModelShelf
internal import ModelShelf
internal import ShelfBase

@c @implementation public func ms_get(
    _ shelf: OpaquePointer!, _ what: UnsafePointer<CChar>!, _ record: UnsafeMutablePointer<OpaquePointer?>!,
    _ error: UnsafeMutablePointer<OpaquePointer?>!
) -> ms_status {
    outcome(error) { () throws(ShelfError) in
        let record = try Arguments.required(record, "record")
        try record.give(Arguments.shelf(shelf).record(Arguments.path(what, "what")).json)
    }
}

@c @implementation public func ms_list(
    _ shelf: OpaquePointer!, _ filter: UnsafePointer<CChar>!, _ page: UnsafeMutablePointer<OpaquePointer?>!,
    _ error: UnsafeMutablePointer<OpaquePointer?>!
) -> ms_status {
    outcome(error) { () throws(ShelfError) in
        let page = try Arguments.required(page, "page")
        try page.give(Arguments.shelf(shelf).list(ModelFilter(json: filter)))
    }
}

@c @implementation public func ms_count(
    _ shelf: OpaquePointer!, _ filter: UnsafePointer<CChar>!, _ count: UnsafeMutablePointer<Int64>!,
    _ error: UnsafeMutablePointer<OpaquePointer?>!
) -> ms_status {
    outcome(error) { () throws(ShelfError) in
        let count = try Arguments.required(count, "count")
        var filter = try ModelFilter(json: filter)
        filter.limit = 0
        filter.offset = 0
        count.pointee = Int64(try Arguments.shelf(shelf).list(filter).total)
    }
}

@c @implementation public func ms_search(
    _ shelf: OpaquePointer!, _ text: UnsafePointer<CChar>!, _ filter: UnsafePointer<CChar>!,
    _ page: UnsafeMutablePointer<OpaquePointer?>!, _ error: UnsafeMutablePointer<OpaquePointer?>!
) -> ms_status {
    outcome(error) { () throws(ShelfError) in
        let page = try Arguments.required(page, "page")
        let text = try Arguments.text(text, "text")
        try page.give(Arguments.shelf(shelf).search(text, ModelFilter(json: filter)))
    }
}

@c @implementation public func ms_stored_hash(
    _ shelf: OpaquePointer!, _ path: UnsafePointer<CChar>!, _ algorithm: UnsafePointer<CChar>!,
    _ buffer: UnsafeMutablePointer<CChar>!, _ capacity: Int, _ error: UnsafeMutablePointer<OpaquePointer?>!
) -> ms_status {
    outcome(error) { () throws(ShelfError) in
        let buffer = try Arguments.required(buffer, "buffer")
        let shelf = try Arguments.shelf(shelf)
        let algorithm = try Arguments.text(algorithm, "algorithm")
        let hash = try shelf.storedHash(Arguments.path(path, "path"), algorithm)
        try copy(hash ?? "", to: buffer, capacity: capacity)
    }
}

@c @implementation public func ms_stored_status(
    _ shelf: OpaquePointer!, _ what: UnsafePointer<CChar>!, _ state: UnsafeMutablePointer<Int32>!,
    _ error: UnsafeMutablePointer<OpaquePointer?>!
) -> ms_status {
    outcome(error) { () throws(ShelfError) in
        let state = try Arguments.required(state, "state")
        let record = try Arguments.shelf(shelf).record(Arguments.path(what, "what"))
        // The numbers of MS_CIVITAI_UNKNOWN and on.
        let words = ["found", "not_found", "gone", "pending", "ambiguous"]
        state.pointee = record.civitaiStatus.flatMap(words.firstIndex).map { Int32($0) + 1 } ?? 0
    }
}

@c @implementation public func ms_update(
    _ shelf: OpaquePointer!, _ what: UnsafePointer<CChar>!, _ edits: UnsafePointer<CChar>!,
    _ record: UnsafeMutablePointer<OpaquePointer?>!, _ error: UnsafeMutablePointer<OpaquePointer?>!
) -> ms_status {
    outcome(error) { () throws(ShelfError) in
        let shelf = try Arguments.shelf(shelf)
        let result = try shelf.update(Arguments.path(what, "what"), UserEdit.list(json: edits))
        try record?.give(result.json)
    }
}

@c @implementation public func ms_link(
    _ shelf: OpaquePointer!, _ what: UnsafePointer<CChar>!, _ model: Int64, _ version: Int64,
    _ record: UnsafeMutablePointer<OpaquePointer?>!, _ error: UnsafeMutablePointer<OpaquePointer?>!
) -> ms_status {
    outcome(error) { () throws(ShelfError) in
        guard model > 0, version >= 0 else { throw Arguments.invalid("ids are positive numbers") }
        let shelf = try Arguments.shelf(shelf)
        let what = try Arguments.path(what, "what")
        let result = try shelf.link(what, model: model, version: version == 0 ? nil : version)
        try record?.give(result.json)
    }
}

@c @implementation public func ms_unlink(
    _ shelf: OpaquePointer!, _ what: UnsafePointer<CChar>!, _ record: UnsafeMutablePointer<OpaquePointer?>!,
    _ error: UnsafeMutablePointer<OpaquePointer?>!
) -> ms_status {
    outcome(error) { () throws(ShelfError) in
        let result = try Arguments.shelf(shelf).unlink(Arguments.path(what, "what"))
        try record?.give(result.json)
    }
}
