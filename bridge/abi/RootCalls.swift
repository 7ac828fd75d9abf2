public import CModelShelf
internal import ModelShelf
internal import ShelfBase

@c @implementation public func ms_roots(
    _ shelf: OpaquePointer!, _ roots: UnsafeMutablePointer<OpaquePointer?>!,
    _ error: UnsafeMutablePointer<OpaquePointer?>!
) -> ms_status {
    outcome(error) { () throws(ShelfError) in
        let roots = try Arguments.required(roots, "roots")
        try roots.give(Arguments.shelf(shelf).roots())
    }
}

@c @implementation public func ms_roots_add(
    _ shelf: OpaquePointer!, _ path: UnsafePointer<CChar>!, _ type: UnsafePointer<CChar>!,
    _ error: UnsafeMutablePointer<OpaquePointer?>!
) -> ms_status {
    outcome(error) { () throws(ShelfError) in
        let shelf = try Arguments.shelf(shelf)
        try shelf.addRoot(Arguments.path(path, "path"), type: Arguments.optionalText(type, "type"))
    }
}

@c @implementation public func ms_roots_remove(
    _ shelf: OpaquePointer!, _ path: UnsafePointer<CChar>!, _ error: UnsafeMutablePointer<OpaquePointer?>!
) -> ms_status {
    outcome(error) { () throws(ShelfError) in
        try Arguments.shelf(shelf).removeRoot(Arguments.path(path, "path"))
    }
}
