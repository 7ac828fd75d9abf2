public import CModelShelf
internal import ShelfBase

@c @implementation public func ms_cancel_new(
    _ token: UnsafeMutablePointer<OpaquePointer?>!, _ error: UnsafeMutablePointer<OpaquePointer?>!
) -> ms_status {
    outcome(error) { () throws(ShelfError) in
        try Arguments.required(token, "token").pointee = Bridge.current.handles.add(.cancellation(Cancellation()))
    }
}

@c @implementation public func ms_cancel(
    _ token: OpaquePointer!, _ error: UnsafeMutablePointer<OpaquePointer?>!
) -> ms_status {
    outcome(error) { () throws(ShelfError) in
        guard token != nil else { throw Arguments.invalid("token is NULL") }
        try Arguments.cancellation(token).cancel()
    }
}

@c @implementation public func ms_cancel_state(
    _ token: OpaquePointer!, _ cancelled: UnsafeMutablePointer<Int32>!,
    _ error: UnsafeMutablePointer<OpaquePointer?>!
) -> ms_status {
    outcome(error) { () throws(ShelfError) in
        guard token != nil else { throw Arguments.invalid("token is NULL") }
        let cancelled = try Arguments.required(cancelled, "cancelled")
        cancelled.pointee = try Arguments.cancellation(token).isCancelled ? 1 : 0
    }
}

@c @implementation public func ms_cancel_free(_ token: OpaquePointer!) {
    _ = Bridge.current.handles.remove(token) { if case .cancellation = $0 { true } else { false } }
}
