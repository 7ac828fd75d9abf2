internal import ModelShelf
internal import ShelfBase

/// Runs work that waits for the network on a thread of its own, while the calling thread asks its callback every
/// 100 ms whether to go on. The work may say how far it is.
func tended<Value: Sendable>(
    _ progress: ProgressCallback?, _ token: Cancellation,
    _ work: @escaping @Sendable (Cancellation, Locked<ShownProgress>) throws(ShelfError) -> Value
) throws(ShelfError) -> Value {
    try token.check()
    let shown = Locked(ShownProgress(phase: ScanProgress.Phase.identifying.rawValue))
    guard let progress else { return try work(token, shown) }
    // The token may be shared: the callback stops this call only.
    let cancellation = Cancellation()
    let answers = Mailbox<Result<Value, ShelfError>>()
    let thread = ThreadHandle.start {
        do throws(ShelfError) {
            answers.post(.success(try work(cancellation, shown)))
        } catch let error {
            answers.post(.failure(error))
        }
    }
    guard let thread else { return try work(token, shown) }
    defer { thread.join() }
    while true {
        if let answer = answers.receive(milliseconds: 100) { return try answer.get() }
        let state = shown.withLock { $0 }
        if token.isCancelled || cancellation.isCancelled || !progress.report(state) { cancellation.cancel() }
    }
}

/// ``tended(_:_:_:)`` for work that cannot say how far it is.
func tended<Value: Sendable>(
    _ progress: ProgressCallback?, _ token: Cancellation,
    _ work: @escaping @Sendable (Cancellation) throws(ShelfError) -> Value
) throws(ShelfError) -> Value {
    try tended(progress, token) { (cancellation, _) throws(ShelfError) in try work(cancellation) }
}
