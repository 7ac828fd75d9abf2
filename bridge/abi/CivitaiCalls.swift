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
    outcome(error) { () throws(ShelfError) in
        let result = try Arguments.required(result, "result")
        guard model > 0 else { throw Arguments.invalid("ids are positive numbers") }
        let service = try ServiceOptions(json: options)
        let cancellation = try Arguments.cancellation(token)
        let answer = try tended(ProgressCallback(progress, payload), cancellation) {
            (cancellation) throws(ShelfError) in
            try CivitaiLookup.model(
                model, token: service.token, baseURL: service.baseURL, offline: service.offline,
                cancellation: cancellation)
        }
        try result.give(answer)
    }
}

@c @implementation public func ms_civitai_version(
    _ version: Int64, _ options: UnsafePointer<CChar>!, _ progress: ms_progress_fn!,
    _ payload: UnsafeMutableRawPointer!, _ token: OpaquePointer!, _ result: UnsafeMutablePointer<OpaquePointer?>!,
    _ error: UnsafeMutablePointer<OpaquePointer?>!
) -> ms_status {
    outcome(error) { () throws(ShelfError) in
        let result = try Arguments.required(result, "result")
        guard version > 0 else { throw Arguments.invalid("ids are positive numbers") }
        let service = try ServiceOptions(json: options)
        let cancellation = try Arguments.cancellation(token)
        let answer = try tended(ProgressCallback(progress, payload), cancellation) {
            (cancellation) throws(ShelfError) in
            try CivitaiLookup.version(
                version, token: service.token, baseURL: service.baseURL, offline: service.offline,
                cancellation: cancellation)
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
