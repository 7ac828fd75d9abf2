public import CModelShelf
internal import ModelShelf
internal import ShelfBase

@c @implementation public func ms_catalogue_open(
    _ kind: UnsafePointer<CChar>!, _ filters: UnsafePointer<CChar>!, _ options: UnsafePointer<CChar>!,
    _ catalogue: UnsafeMutablePointer<OpaquePointer?>!, _ error: UnsafeMutablePointer<OpaquePointer?>!
) -> ms_status {
    outcome(error) { () throws(ShelfError) in
        let out = try Arguments.required(catalogue, "catalogue")
        let kind = try Arguments.text(kind, "kind")
        let (filters, limit) = try catalogueFilters(json: filters)
        let service = try ServiceOptions(json: options)
        let catalogue = try Catalogue.open(
            kind, filters: filters, limit: limit, token: service.token, baseURL: service.baseURL,
            offline: service.offline)
        out.pointee = try Bridge.current.handles.add(.catalogue(catalogue))
    }
}

@c @implementation public func ms_catalogue_next(
    _ catalogue: OpaquePointer!, _ progress: ms_progress_fn!, _ payload: UnsafeMutableRawPointer!,
    _ token: OpaquePointer!, _ items: UnsafeMutablePointer<OpaquePointer?>!,
    _ error: UnsafeMutablePointer<OpaquePointer?>!
) -> ms_status {
    outcome(error) { () throws(ShelfError) in
        let items = try Arguments.required(items, "items")
        guard case .catalogue(let catalogue)? = Bridge.current.handles.find(catalogue) else {
            throw Arguments.invalid("this is not a catalogue of this process")
        }
        let cancellation = try Arguments.cancellation(token)
        let page = try tended(ProgressCallback(progress, payload), cancellation) {
            (cancellation, _) throws(ShelfError) in
            try catalogue.next(cancellation: cancellation)
        }
        items.pointee = try Bridge.current.handles.add(.text(CText(JSONValue.array(page).bytes())))
    }
}

@c @implementation public func ms_catalogue_free(_ catalogue: OpaquePointer!) {
    _ = Bridge.current.handles.remove(catalogue) { if case .catalogue = $0 { true } else { false } }
}

/// Filters as JSON: a member for each, with a text, a number, true or false, or a list of those.
private func catalogueFilters(
    json text: UnsafePointer<CChar>?
) throws(ShelfError) -> (filters: [(name: String, values: [String])], limit: Int?) {
    var options = try Options(text, "filters")
    let limit = try options.count("limit")
    var filters: [(name: String, values: [String])] = []
    for (name, value) in options.takeRest().members where !value.isNull {
        let values = try (value.array ?? [value]).map { (item) throws(ShelfError) -> String in
            switch item {
            case .string(let text): return text
            case .int(let number): return String(number)
            case .bool(let flag): return flag ? "true" : "false"
            default: throw Arguments.invalid("\(name) in filters must be a text, a number, true or false, or a list")
            }
        }
        filters.append((name, values))
    }
    return (filters, limit)
}
