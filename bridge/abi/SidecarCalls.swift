public import CModelShelf
internal import ModelShelf
internal import ShelfBase

@c @implementation public func ms_sidecar_path(
    _ shelf: OpaquePointer!, _ model: UnsafePointer<CChar>!, _ folder: UnsafePointer<CChar>!,
    _ path: UnsafeMutablePointer<OpaquePointer?>!, _ error: UnsafeMutablePointer<OpaquePointer?>!
) -> ms_status {
    outcome(error) { () throws(ShelfError) in
        let path = try Arguments.required(path, "path")
        let shelf = try Arguments.shelf(shelf)
        let place = try shelf.sidecarPath(sidecarModel(model), in: Arguments.optionalPath(folder))
        path.pointee = try Bridge.current.handles.add(.text(CText(place.bytes)))
    }
}

@c @implementation public func ms_sidecar_read(
    _ shelf: OpaquePointer!, _ model: UnsafePointer<CChar>!, _ folder: UnsafePointer<CChar>!,
    _ document: UnsafeMutablePointer<OpaquePointer?>!, _ error: UnsafeMutablePointer<OpaquePointer?>!
) -> ms_status {
    outcome(error) { () throws(ShelfError) in
        let document = try Arguments.required(document, "document")
        let shelf = try Arguments.shelf(shelf)
        let bytes = try shelf.readSidecar(sidecarModel(model), in: Arguments.optionalPath(folder))
        document.pointee = try bytes.map { (bytes) throws(ShelfError) in
            try Bridge.current.handles.add(.text(CText(bytes)))
        }
    }
}

@c @implementation public func ms_sidecar_write(
    _ shelf: OpaquePointer!, _ model: UnsafePointer<CChar>!, _ folder: UnsafePointer<CChar>!,
    _ fields: UnsafePointer<CChar>!, _ replace: Int32, _ document: UnsafeMutablePointer<OpaquePointer?>!,
    _ error: UnsafeMutablePointer<OpaquePointer?>!
) -> ms_status {
    outcome(error) { () throws(ShelfError) in
        let shelf = try Arguments.shelf(shelf)
        let fields = try Arguments.text(fields, "fields")
        let bytes = try shelf.writeSidecar(
            sidecarModel(model), Array(fields.utf8), in: Arguments.optionalPath(folder), replace: replace != 0)
        guard let document else { return }
        document.pointee = try Bridge.current.handles.add(.text(CText(bytes)))
    }
}

@c @implementation public func ms_sidecar_delete(
    _ shelf: OpaquePointer!, _ model: UnsafePointer<CChar>!, _ folder: UnsafePointer<CChar>!,
    _ deleted: UnsafeMutablePointer<Int32>!, _ error: UnsafeMutablePointer<OpaquePointer?>!
) -> ms_status {
    outcome(error) { () throws(ShelfError) in
        let shelf = try Arguments.shelf(shelf)
        let done = try shelf.deleteSidecar(sidecarModel(model), in: Arguments.optionalPath(folder))
        deleted?.pointee = done ? 1 : 0
    }
}

private func sidecarModel(_ path: UnsafePointer<CChar>?) throws(ShelfError) -> FilePath {
    let model = try Arguments.path(path, "model")
    guard !model.isEmpty else { throw Arguments.invalid("model is empty") }
    return model
}
