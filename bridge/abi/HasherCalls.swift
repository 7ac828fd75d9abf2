public import CModelShelf
internal import ModelShelf
internal import ShelfBase

@c @implementation public func ms_hasher_new(
    _ algorithms: UnsafePointer<CChar>!, _ hasher: UnsafeMutablePointer<OpaquePointer?>!,
    _ error: UnsafeMutablePointer<OpaquePointer?>!
) -> ms_status {
    outcome(error) { () throws(ShelfError) in
        let hasher = try Arguments.required(hasher, "hasher")
        let made = try DataHasher(Arguments.algorithms(algorithms))
        hasher.pointee = try Bridge.current.handles.add(.hasher(made))
    }
}

@c @implementation public func ms_hasher_update(
    _ hasher: OpaquePointer!, _ data: UnsafeRawPointer!, _ size: Int, _ error: UnsafeMutablePointer<OpaquePointer?>!
) -> ms_status {
    outcome(error) { () throws(ShelfError) in
        let hasher = try Arguments.hasher(hasher)
        hasher.update(try Arguments.bytes(data, size))
    }
}

@c @implementation public func ms_hasher_digest(
    _ hasher: OpaquePointer!, _ algorithm: UnsafePointer<CChar>!, _ buffer: UnsafeMutablePointer<CChar>!,
    _ capacity: Int, _ error: UnsafeMutablePointer<OpaquePointer?>!
) -> ms_status {
    outcome(error) { () throws(ShelfError) in
        let hasher = try Arguments.hasher(hasher)
        let buffer = try Arguments.required(buffer, "buffer")
        let wanted = try Arguments.optionalText(algorithm, "algorithm")
        try copy(try hasher.text(wanted ?? hasher.algorithms.first ?? "") ?? "", to: buffer, capacity: capacity)
    }
}

@c @implementation public func ms_hasher_digests(
    _ hasher: OpaquePointer!, _ hashes: UnsafeMutablePointer<OpaquePointer?>!,
    _ error: UnsafeMutablePointer<OpaquePointer?>!
) -> ms_status {
    outcome(error) { () throws(ShelfError) in
        let hashes = try Arguments.required(hashes, "hashes")
        try hashes.give(try Arguments.hasher(hasher).hashes())
    }
}

@c @implementation public func ms_hasher_copy(
    _ hasher: OpaquePointer!, _ copy: UnsafeMutablePointer<OpaquePointer?>!,
    _ error: UnsafeMutablePointer<OpaquePointer?>!
) -> ms_status {
    outcome(error) { () throws(ShelfError) in
        let copy = try Arguments.required(copy, "copy")
        copy.pointee = try Bridge.current.handles.add(.hasher(try Arguments.hasher(hasher).copy()))
    }
}

@c @implementation public func ms_hasher_free(_ hasher: OpaquePointer!) {
    _ = Bridge.current.handles.remove(hasher) { if case .hasher = $0 { true } else { false } }
}

@c @implementation public func ms_hash_bytes(
    _ data: UnsafeRawPointer!, _ size: Int, _ algorithms: UnsafePointer<CChar>!,
    _ hashes: UnsafeMutablePointer<OpaquePointer?>!, _ error: UnsafeMutablePointer<OpaquePointer?>!
) -> ms_status {
    outcome(error) { () throws(ShelfError) in
        let hashes = try Arguments.required(hashes, "hashes")
        try hashes.give(DataHasher.hashes(of: Arguments.bytes(data, size), Arguments.algorithms(algorithms)))
    }
}

extension Arguments {
    static func hasher(_ handle: OpaquePointer?) throws(ShelfError) -> DataHasher {
        guard case .hasher(let hasher)? = Bridge.current.handles.find(handle) else {
            throw ShelfError(
                .usage, "this is not a hasher of this process",
                hint: "make one anew after it was freed, and in the child after a fork")
        }
        return hasher
    }

    /// Names with commas between them; SHA-256 for NULL.
    static func algorithms(_ names: UnsafePointer<CChar>?) throws(ShelfError) -> [String] {
        (try optionalText(names, "algorithms") ?? "sha256").split(separator: ",").map(String.init)
    }

    /// Bytes of the caller, valid until the call returns; NULL is allowed for none.
    static func bytes(_ data: UnsafeRawPointer?, _ size: Int) throws(ShelfError) -> UnsafeRawBufferPointer {
        guard size >= 0 else { throw invalid("the number of bytes is not possible") }
        guard data != nil || size == 0 else { throw invalid("data is NULL") }
        return UnsafeRawBufferPointer(start: data, count: data == nil ? 0 : size)
    }
}
