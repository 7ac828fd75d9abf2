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

@c @implementation public func ms_roots_set(
    _ shelf: OpaquePointer!, _ path: UnsafePointer<CChar>!, _ settings: UnsafePointer<CChar>!,
    _ error: UnsafeMutablePointer<OpaquePointer?>!
) -> ms_status {
    outcome(error) { () throws(ShelfError) in
        let shelf = try Arguments.shelf(shelf)
        try shelf.addRoot(Arguments.path(path, "path"), RootSettings(json: settings))
    }
}

@c @implementation public func ms_roots_import(
    _ shelf: OpaquePointer!, _ path: UnsafePointer<CChar>!, _ dryRun: Int32,
    _ report: UnsafeMutablePointer<OpaquePointer?>!, _ error: UnsafeMutablePointer<OpaquePointer?>!
) -> ms_status {
    outcome(error) { () throws(ShelfError) in
        let report = try Arguments.required(report, "report")
        let shelf = try Arguments.shelf(shelf)
        try report.give(shelf.importRoots(Arguments.path(path, "path"), dryRun: dryRun != 0).json)
    }
}

@c @implementation public func ms_roots_remove(
    _ shelf: OpaquePointer!, _ path: UnsafePointer<CChar>!, _ error: UnsafeMutablePointer<OpaquePointer?>!
) -> ms_status {
    outcome(error) { () throws(ShelfError) in
        try Arguments.shelf(shelf).removeRoot(Arguments.path(path, "path"))
    }
}
