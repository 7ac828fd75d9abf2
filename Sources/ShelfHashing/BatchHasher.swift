public import ShelfBase

/// Hashes several files at once on the thread that calls it: their SHA-256 fill the lanes of one core, which does two
/// to four times as much as with one file after another.
public final class BatchHasher {
    /// Small, because all blocks in work should stay in the core's own cache (and threads may be many).
    static let blockSize = 1 << 16
    /// Streams that a core can use at once.
    static let lanes = 16

    private struct Slot {
        let reading: FileReadingState
        var index = 0
        var path: FilePath?
        var attempts = 0
    }

    private let budget: OpenFileBudget
    private var slots: [Slot] = []
    private var feeds = SHA256Feeds()

    /// `files`: how many at once; more than the lanes can use is not done. `sampling`: whether samples are wanted.
    public convenience init(_ streams: DigestStreams, files: Int, sampling: Bool) throws(ShelfError) {
        try self.init(streams, files: files, sampling: sampling, budget: .shared)
    }

    init(_ streams: DigestStreams, files: Int, sampling: Bool, budget: OpenFileBudget) throws(ShelfError) {
        self.budget = budget
        let perFile = (streams.contains(.whole) ? 1 : 0) + (streams.isDisjoint(with: [.tensors, .afterHeader]) ? 0 : 1)
        let useful = Self.lanes / max(1, perFile)
        for _ in 0..<max(1, min(files, perFile == 0 ? 1 : useful)) {
            slots.append(Slot(reading: try FileReadingState(streams, sampling: sampling, blockSize: Self.blockSize)))
        }
    }

    /// Hashes what `next` gives, each with a number of the caller's, until it gives nil; hands every result to
    /// `report`. After a cancellation every file that is left fails with it.
    public func hash(
        cancellation: Cancellation, counter: ByteCounter? = nil, layout: LayoutReader,
        next: () -> (Int, FilePath)?, report: (Int, Result<HashedFile, ShelfError>) -> Void
    ) {
        var isMore = true
        var busy = 0
        repeat {
            busy = 0
            for index in slots.indices {
                while slots[index].path == nil, isMore, budget.take(must: slots.allSatisfy { $0.path == nil }) {
                    guard let (number, path) = next() else {
                        budget.give()
                        isMore = false
                        break
                    }
                    slots[index].index = number
                    slots[index].path = path
                    slots[index].attempts = 0
                    open(index, counter, report)
                }
                guard slots[index].path != nil else { continue }
                busy += 1
                advance(index, cancellation, layout, report)
            }
            feeds.run()
            for index in slots.indices { conclude(index, counter, report) }
        } while busy > 0 || isMore
    }

    /// Opens the slot's file from the start, for the first time or again.
    private func open(
        _ index: Int, _ counter: ByteCounter?, _ report: (Int, Result<HashedFile, ShelfError>) -> Void
    ) {
        guard let path = slots[index].path else { return }
        guard slots[index].attempts < FileHasher.attempts else {
            return end(index, .failure(FileReadingState.changed(path)), report)
        }
        slots[index].attempts += 1
        do throws(ShelfError) {
            slots[index].reading.start(try ReadableFile(path), counter)
        } catch {
            end(index, .failure(error), report)
        }
    }

    /// Reads the slot's next block.
    private func advance(
        _ index: Int, _ cancellation: Cancellation, _ layout: LayoutReader,
        _ report: (Int, Result<HashedFile, ShelfError>) -> Void
    ) {
        let reading = slots[index].reading
        do throws(ShelfError) {
            try cancellation.check()
            guard !reading.isAtEnd else { return }
            // Without a file it counts as read to its end, and gives nothing.
            if try !reading.step(&feeds, layout) { reading.stop() }
        } catch {
            end(index, .failure(error), report)
        }
    }

    /// Reports the slot's file if it is read, and opens it again if it has changed.
    private func conclude(
        _ index: Int, _ counter: ByteCounter?, _ report: (Int, Result<HashedFile, ShelfError>) -> Void
    ) {
        let reading = slots[index].reading
        guard slots[index].path != nil, reading.isAtEnd else { return }
        if let hashed = reading.finish() {
            end(index, .success(hashed), report)
        } else {
            reading.stop()
            open(index, counter, report)
        }
    }

    private func end(
        _ index: Int, _ result: Result<HashedFile, ShelfError>, _ report: (Int, Result<HashedFile, ShelfError>) -> Void
    ) {
        slots[index].reading.stop()
        slots[index].path = nil
        budget.give()
        report(slots[index].index, result)
    }
}
