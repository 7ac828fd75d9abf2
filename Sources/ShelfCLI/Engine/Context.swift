internal import ShelfBase

/// What a command works with.
struct Context: Sendable {
    let engine: any Engine
    let console: Console
    let interrupts: Interrupts
    let tree: CommandTree
    let progressMode: ProgressReporter.Mode

    /// Runs long work with its progress on standard error. Ctrl-C cancels it.
    func work<Result>(
        _ body: (Cancellation, ProgressReporter) throws(ShelfError) -> Result
    ) throws(ShelfError) -> Result {
        let reporter = ProgressReporter(console: console, mode: progressMode)
        defer { reporter.finish() }
        return try interrupts.whileWorking { (cancellation) throws(ShelfError) -> Result in
            try body(cancellation, reporter)
        }
    }
}
