internal import ModelShelf
internal import ShelfBase

/// Runs work that waits for the network on a thread of its own, while the calling thread asks its callback every
/// 100 ms whether to go on.
func tended<Value: Sendable>(
    _ progress: ProgressCallback?, _ token: Cancellation,
    _ work: @escaping @Sendable (Cancellation) throws(ShelfError) -> Value
) throws(ShelfError) -> Value {
    guard let progress else { return try work(token) }
    // The token may be shared: the callback stops this call only.
    let cancellation = Cancellation()
    let answers = Mailbox<Result<Value, ShelfError>>()
    let thread = ThreadHandle.start {
        do throws(ShelfError) {
            answers.post(.success(try work(cancellation)))
        } catch let error {
            answers.post(.failure(error))
        }
    }
    guard let thread else { return try work(token) }
    defer { thread.join() }
    var waiting = ScanProgress()
    waiting.phase = .identifying
    while true {
        if let answer = answers.receive(milliseconds: 100) { return try answer.get() }
        if token.isCancelled || cancellation.isCancelled || !progress.report(waiting) { cancellation.cancel() }
    }
}
