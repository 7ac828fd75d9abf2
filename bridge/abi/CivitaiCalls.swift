public import CModelShelf
internal import ModelShelf
internal import ShelfBase

@c @implementation public func ms_lookup(
    _ shelf: OpaquePointer!, _ queries: UnsafePointer<CChar>!, _ progress: ms_progress_fn!,
    _ payload: UnsafeMutableRawPointer!, _ token: OpaquePointer!, _ results: UnsafeMutablePointer<OpaquePointer?>!,
    _ error: UnsafeMutablePointer<OpaquePointer?>!
) -> ms_status {
    outcome(error) { () throws(ShelfError) in
        let results = try Arguments.required(results, "results")
        let shelf = try Arguments.shelf(shelf)
        let queries = try ModelShelfC.queries(json: queries)
        let cancellation = try Arguments.cancellation(token)
        let answer = try tended(ProgressCallback(progress, payload), cancellation) {
            (cancellation) throws(ShelfError) in
            try shelf.lookup(queries, cancellation: cancellation)
        }
        try results.give(answer)
    }
}

@c @implementation public func ms_civitai_lookup(
    _ queries: UnsafePointer<CChar>!, _ options: UnsafePointer<CChar>!, _ progress: ms_progress_fn!,
    _ payload: UnsafeMutableRawPointer!, _ token: OpaquePointer!, _ results: UnsafeMutablePointer<OpaquePointer?>!,
    _ error: UnsafeMutablePointer<OpaquePointer?>!
) -> ms_status {
    outcome(error) { () throws(ShelfError) in
        let results = try Arguments.required(results, "results")
        let queries = try ModelShelfC.queries(json: queries)
        let service = try ServiceOptions(json: options)
        let cancellation = try Arguments.cancellation(token)
        let answer = try tended(ProgressCallback(progress, payload), cancellation) {
            (cancellation) throws(ShelfError) in
            try CivitaiLookup.lookup(
                queries, token: service.token, baseURL: service.baseURL, offline: service.offline,
                cancellation: cancellation)
        }
        try results.give(answer)
    }
}

@c @implementation public func ms_civitai_model(
    _ model: Int64, _ options: UnsafePointer<CChar>!, _ progress: ms_progress_fn!,
    _ payload: UnsafeMutableRawPointer!, _ token: OpaquePointer!, _ result: UnsafeMutablePointer<OpaquePointer?>!,
    _ error: UnsafeMutablePointer<OpaquePointer?>!
) -> ms_status {
    oneOfTheService(model, options, ProgressCallback(progress, payload), token, result, error) {
        (id, service, cancellation) throws(ShelfError) in
        try CivitaiLookup.model(
            id, token: service.token, baseURL: service.baseURL, offline: service.offline, cancellation: cancellation)
    }
}

@c @implementation public func ms_civitai_version(
    _ version: Int64, _ options: UnsafePointer<CChar>!, _ progress: ms_progress_fn!,
    _ payload: UnsafeMutableRawPointer!, _ token: OpaquePointer!, _ result: UnsafeMutablePointer<OpaquePointer?>!,
    _ error: UnsafeMutablePointer<OpaquePointer?>!
) -> ms_status {
    oneOfTheService(version, options, ProgressCallback(progress, payload), token, result, error) {
        (id, service, cancellation) throws(ShelfError) in
        try CivitaiLookup.version(
            id, token: service.token, baseURL: service.baseURL, offline: service.offline, cancellation: cancellation)
    }
}

/// What one id stands for at the service, as a JSON document.
private func oneOfTheService(
    _ id: Int64, _ options: UnsafePointer<CChar>?, _ callback: ProgressCallback?, _ token: OpaquePointer?,
    _ result: UnsafeMutablePointer<OpaquePointer?>?, _ error: UnsafeMutablePointer<OpaquePointer?>?,
    _ ask: @escaping @Sendable (Int64, ServiceOptions, Cancellation) throws(ShelfError) -> JSONObject
) -> ms_status {
    outcome(error) { () throws(ShelfError) in
        let result = try Arguments.required(result, "result")
        guard id > 0, id <= Int64(Int32.max) else { throw Arguments.invalid("ids are numbers from 1 to 2147483647") }
        let service = try ServiceOptions(json: options)
        let cancellation = try Arguments.cancellation(token)
        let answer = try tended(callback, cancellation) { (cancellation) throws(ShelfError) in
            try ask(id, service, cancellation)
        }
        try result.give(answer)
    }
}

@c @implementation public func ms_civitai_reference(
    _ text: UnsafePointer<CChar>!, _ result: UnsafeMutablePointer<OpaquePointer?>!,
    _ error: UnsafeMutablePointer<OpaquePointer?>!
) -> ms_status {
    outcome(error) { () throws(ShelfError) in
        let result = try Arguments.required(result, "result")
        try result.give(CivitaiLookup.reference(try Arguments.text(text, "text")))
    }
}

@c @implementation public func ms_certificates_add(
    _ path: UnsafePointer<CChar>!, _ error: UnsafeMutablePointer<OpaquePointer?>!
) -> ms_status {
    outcome(error) { () throws(ShelfError) in
        CertificateFiles.add(fallback: try Arguments.text(path, "path"))
    }
}
