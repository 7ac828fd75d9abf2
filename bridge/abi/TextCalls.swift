public import CModelShelf
internal import ShelfBase

private let emptyText = CText("")
private let emptyDocument = CText("{}")

private func failure(_ handle: OpaquePointer?) -> Failure? {
    guard case .failure(let failure)? = Bridge.current.handles.find(handle) else { return nil }
    return failure
}

private func text(_ handle: OpaquePointer?) -> CText? {
    guard case .text(let text)? = Bridge.current.handles.find(handle) else { return nil }
    return text
}

@c @implementation public func ms_error_status(_ error: OpaquePointer!) -> ms_status { failure(error)?.status ?? 0 }

@c @implementation public func ms_error_code(_ error: OpaquePointer!) -> UnsafePointer<CChar>! {
    (failure(error)?.code ?? emptyText).address
}

@c @implementation public func ms_error_message(_ error: OpaquePointer!) -> UnsafePointer<CChar>! {
    (failure(error)?.message ?? emptyText).address
}

@c @implementation public func ms_error_path(_ error: OpaquePointer!) -> UnsafePointer<CChar>! {
    failure(error)?.path?.address
}

@c @implementation public func ms_error_hint(_ error: OpaquePointer!) -> UnsafePointer<CChar>! {
    failure(error)?.hint?.address
}

@c @implementation public func ms_error_json(_ error: OpaquePointer!) -> UnsafePointer<CChar>! {
    (failure(error)?.document ?? emptyDocument).address
}

@c @implementation public func ms_error_free(_ error: OpaquePointer!) {
    _ = Bridge.current.handles.remove(error) { if case .failure = $0 { true } else { false } }
}

@c @implementation public func ms_string_data(_ string: OpaquePointer!) -> UnsafePointer<CChar>! {
    text(string)?.address
}

@c @implementation public func ms_string_size(_ string: OpaquePointer!) -> Int { text(string)?.count ?? 0 }

@c @implementation public func ms_string_free(_ string: OpaquePointer!) {
    _ = Bridge.current.handles.remove(string) { if case .text = $0 { true } else { false } }
}
