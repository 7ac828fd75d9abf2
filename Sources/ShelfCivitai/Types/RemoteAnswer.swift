public import ShelfBase

/// What became of one question. An outage is never an answer: "not found" is what the service said, and nothing else.
public enum RemoteAnswer<Value: Sendable>: Sendable {
    case found(Value)
    case notFound
    /// The question could not be asked, or the answer not be had.
    case failed(ShelfError)

    public var value: Value? { if case .found(let value) = self { value } else { nil } }
}
