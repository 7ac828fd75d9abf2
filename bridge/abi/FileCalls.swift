public import CModelShelf
internal import ModelShelf
internal import ShelfBase

@c @implementation public func ms_hash_file(
    _ path: UnsafePointer<CChar>!, _ algorithm: UnsafePointer<CChar>!, _ progress: ms_progress_fn!,
    _ payload: UnsafeMutableRawPointer!, _ token: OpaquePointer!, _ buffer: UnsafeMutablePointer<CChar>!,
    _ capacity: Int, _ error: UnsafeMutablePointer<OpaquePointer?>!
) -> ms_status {
    outcome(error) { () throws(ShelfError) in
        let buffer = try Arguments.required(buffer, "buffer")
        let path = try Arguments.path(path, "path")
        let algorithm = try Arguments.text(algorithm, "algorithm").lowercased()
        guard algorithm != "all" else {
            throw ShelfError(.usage, "ms_hash_file() gives one hash", hint: "ms_hash_files() gives several")
        }
        let bytes = ByteProgress(ProgressCallback(progress, payload))
        let result = try FileTools.hash(
            [path], algorithms: [algorithm], cancellation: Arguments.cancellation(token),
            progress: bytes.map { bytes in { bytes.report($0, $1) } })
        if let failed = result["failed"]?[0] { throw failureOf(failed, path) }
        try copy(result["files"]?[0]?["hashes"]?[algorithm]?.string ?? "", to: buffer, capacity: capacity)
    }
}

@c @implementation public func ms_hash_files(
    _ paths: UnsafePointer<UnsafePointer<CChar>?>!, _ count: Int, _ algorithms: UnsafePointer<CChar>!,
    _ jobs: Int32, _ progress: ms_progress_fn!, _ payload: UnsafeMutableRawPointer!, _ token: OpaquePointer!,
    _ result: UnsafeMutablePointer<OpaquePointer?>!, _ error: UnsafeMutablePointer<OpaquePointer?>!
) -> ms_status {
    outcome(error) { () throws(ShelfError) in
        let result = try Arguments.required(result, "result")
        let names = try Arguments.optionalText(algorithms, "algorithms") ?? "sha256"
        guard jobs >= 0 else { throw Arguments.invalid("jobs is negative") }
        let bytes = ByteProgress(ProgressCallback(progress, payload))
        let hashes = try FileTools.hash(
            Arguments.paths(paths, count), algorithms: names.split(separator: ",").map(String.init),
            jobs: jobs == 0 ? nil : Int(jobs), cancellation: Arguments.cancellation(token),
            progress: bytes.map { bytes in { bytes.report($0, $1) } })
        try result.give(hashes)
    }
}

@c @implementation public func ms_hash(
    _ paths: UnsafePointer<UnsafePointer<CChar>?>!, _ count: Int, _ options: UnsafePointer<CChar>!,
    _ progress: ms_progress_fn!, _ payload: UnsafeMutableRawPointer!, _ token: OpaquePointer!,
    _ result: UnsafeMutablePointer<OpaquePointer?>!, _ error: UnsafeMutablePointer<OpaquePointer?>!
) -> ms_status {
    outcome(error) { () throws(ShelfError) in
        let result = try Arguments.required(result, "result")
        var wishes = try Options(options, "options")
        let names = try wishes.texts("algorithms") ?? ["sha256"]
        let jobs = try wishes.count("jobs").flatMap { $0 > 0 ? $0 : nil }
        let isBackground = try wishes.bool("background") ?? false
        try wishes.finish()
        let bytes = ByteProgress(ProgressCallback(progress, payload))
        let hashes = try FileTools.hash(
            Arguments.paths(paths, count), algorithms: names, jobs: jobs, isBackground: isBackground,
            cancellation: Arguments.cancellation(token),
            progress: bytes.map { bytes in { bytes.report($0, $1) } })
        try result.give(hashes)
    }
}

@c @implementation public func ms_inspect(
    _ paths: UnsafePointer<UnsafePointer<CChar>?>!, _ count: Int, _ result: UnsafeMutablePointer<OpaquePointer?>!,
    _ error: UnsafeMutablePointer<OpaquePointer?>!
) -> ms_status {
    outcome(error) { () throws(ShelfError) in
        let result = try Arguments.required(result, "result")
        try result.give(FileTools.inspect(Arguments.paths(paths, count)))
    }
}

/// The error that a `failed` entry describes.
private func failureOf(_ failed: JSONValue, _ path: FilePath) -> ShelfError {
    ShelfError(
        ErrorCode(rawValue: failed["code"]?.string ?? ErrorCode.internalError.rawValue),
        failed["message"]?.string ?? "the file failed", path: path, hint: failed["hint"]?.string)
}
