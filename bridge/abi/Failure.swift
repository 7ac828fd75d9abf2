internal import ShelfBase

/// An error in the shape that C reads.
final class Failure: Sendable {
    let status: Int32
    let code: CText
    let message: CText
    let path: CText?
    let hint: CText?
    let document: CText

    init(_ error: ShelfError) {
        status = error.code.row.status
        code = CText(error.code.rawValue)
        message = CText(error.message)
        path = error.path.map { CText($0.bytes) }
        hint = error.hint.map { CText($0) }
        document = CText(JSONValue.object(error.json).bytes())
    }
}

/// Where a C caller wants an error.
typealias ErrorOut = UnsafeMutablePointer<OpaquePointer?>?

/// Runs the body of a call: gives its status, and the error to whoever wants it.
func outcome(_ error: ErrorOut, _ body: () throws(ShelfError) -> Void) -> Int32 {
    do {
        try body()
        return 0
    } catch let failure {
        // Without room for one more handle the status alone must do.
        if let error, let handle = try? Bridge.current.handles.add(.failure(Failure(failure))) {
            error.pointee = handle
        }
        return failure.code.row.status
    }
}
