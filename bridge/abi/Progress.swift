internal import CModelShelf
internal import ModelShelf
internal import ShelfBase

/// How far a call is, whatever it does.
struct ShownProgress: Sendable {
    var phase: String
    var path: FilePath?
    var files = 0
    var filesTotal = 0
    var bytes: Int64 = 0
    var bytesTotal: Int64 = 0
    var bytesPerSecond = 0.0
    var secondsLeft: Double?

    init(phase: String, files: Int = 0, filesTotal: Int = 0) {
        self.phase = phase
        self.files = files
        self.filesTotal = filesTotal
    }

    init(_ progress: ScanProgress) {
        self.init(phase: progress.phase.rawValue, files: progress.files, filesTotal: progress.filesTotal)
        path = progress.path
        bytes = progress.bytes
        bytesTotal = progress.bytesTotal
        bytesPerSecond = progress.bytesPerSecond
        secondsLeft = progress.secondsLeft
    }

    init(_ progress: TransferProgress) {
        self.init(phase: progress.phase, filesTotal: 1)
        path = progress.name
        bytes = progress.bytes
        bytesTotal = progress.total ?? 0
        bytesPerSecond = progress.bytesPerSecond
        secondsLeft = progress.secondsLeft
    }
}

/// A C function that wants to know how far a call is.
struct ProgressCallback {
    let function: @convention(c) (UnsafePointer<ms_progress>?, UnsafeMutableRawPointer?) -> Int32
    let payload: UnsafeMutableRawPointer?

    init?(_ function: ms_progress_fn?, _ payload: UnsafeMutableRawPointer?) {
        guard let function else { return nil }
        self.function = function
        self.payload = payload
    }

    /// Tells it; false when it wants the call to end.
    func report(_ progress: ScanProgress) -> Bool { report(ShownProgress(progress)) }

    func report(_ progress: ShownProgress) -> Bool {
        progress.phase.withCString { phase in
            guard let path = progress.path else { return call(progress, phase, nil) }
            return path.withCString { call(progress, phase, $0) }
        }
    }

    private func call(
        _ progress: ShownProgress, _ phase: UnsafePointer<CChar>, _ path: UnsafePointer<CChar>?
    ) -> Bool {
        var shape = ms_progress()
        shape.size = MemoryLayout<ms_progress>.size
        shape.phase = phase
        shape.path = path
        shape.files = Int64(progress.files)
        shape.files_total = Int64(progress.filesTotal)
        shape.bytes = progress.bytes
        shape.bytes_total = progress.bytesTotal
        shape.bytes_per_second = progress.bytesPerSecond
        shape.seconds_left = progress.secondsLeft ?? -1
        return function(&shape, payload) == 0
    }
}

/// Turns bytes done into progress with a speed, for work that knows no more.
final class ByteProgress {
    private let callback: ProgressCallback
    private var meter = RateMeter()

    init?(_ callback: ProgressCallback?) {
        guard let callback else { return nil }
        self.callback = callback
    }

    func report(_ done: Int64, _ total: Int64) -> Bool {
        var progress = ScanProgress()
        progress.phase = .hashing
        progress.bytesPerSecond = meter.rate(bytes: done, now: Clock.monotonicNanoseconds())
        // A file may have grown since the total was made up.
        progress.bytes = min(meter.most, total)
        progress.bytesTotal = total
        progress.secondsLeft = RateMeter.secondsLeft(done, of: total, rate: progress.bytesPerSecond)
        return callback.report(progress)
    }
}
