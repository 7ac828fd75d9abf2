internal import ShelfBase

/// Fetches pieces of a file over several connections at once.
///
/// Pieces are written where they belong; the digest follows in the order of the file, reading what came early from the
/// page cache. Used by one thread, which also writes.
final class ParallelFetch {
    /// Small, because what lies beyond the first gap is given up when a download is killed.
    static let pieceSize: Int64 = 4 << 20
    private static let patience = 8

    /// A part of the file on its way: what of it is written already, and where it ends.
    private struct Lane {
        let stream: HTTPStream
        let start: Int64
        var offset: Int64
        var end: Int64
        var hasHead: Bool
    }

    private let part: PartFile
    private let total: Int64
    private let connections: Int
    private let open: (Range<Int64>) throws(ShelfError) -> HTTPStream
    private let tick: () throws(ShelfError) -> Void
    private var lanes: [Lane] = []
    /// Written beyond the first gap.
    private var islands: [Range<Int64>]
    private var again: [Range<Int64>] = []
    /// What nobody fetches yet, in order.
    private var gaps: [Range<Int64>] = []
    private var failures = 0
    private var notBefore: Int64 = 0

    /// - Parameters:
    ///   - first: an answer that is open, whose next byte is the one that the part lacks.
    ///   - firstEnd: how far it is followed; an answer with the whole file is cut off there.
    ///   - open: asks for a range of the file.
    ///   - tick: signs of life; throws when the download is to stop.
    init(
        _ part: PartFile, total: Int64, connections: Int, first: HTTPStream, firstEnd: Int64,
        open: @escaping (Range<Int64>) throws(ShelfError) -> HTTPStream, tick: @escaping () throws(ShelfError) -> Void
    ) {
        self.part = part
        self.total = total
        self.connections = connections
        self.open = open
        self.tick = tick
        islands = part.islands
        let begun = part.count
        if begun < firstEnd {
            lanes = [Lane(stream: first, start: begun, offset: begun, end: firstEnd, hasHead: true)]
        }
        var start = max(begun, firstEnd)
        for island in islands where island.lowerBound >= start {
            if island.lowerBound > start { gaps.append(start..<island.lowerBound) }
            start = island.upperBound
        }
        if start < total { gaps.append(start..<total) }
    }

    /// Where the piece that begins at `start` ends.
    static func end(of start: Int64, total: Int64, _ islands: [Range<Int64>]) -> Int64 {
        let island = islands.first { $0.lowerBound > start }?.lowerBound ?? total
        return min(total, island, start + pieceSize)
    }

    /// Fetches to the end; gives why it could not.
    func run() throws(ShelfError) -> TransportFailure? {
        part.beginAhead()
        do throws(ShelfError) {
            let failure = try fetch()
            part.endAhead()
            return failure
        } catch {
            keep()
            throw error
        }
    }

    /// What has arrived is kept when somebody stops the download: it need not be fetched again.
    private func keep() {
        for index in lanes.indices {
            do throws(ShelfError) { if case .ended = try advance(index) { continue } } catch {
                Log.write(.debug, "bytes that had arrived cannot be kept: \(error)")
            }
            _ = finish(index)
        }
        lanes = []
        // Bytes that cannot be read back are fetched again.
        do throws(ShelfError) { try absorb() } catch { islands = [] }
        part.keepAhead(islands)
    }

    private func fetch() throws(ShelfError) -> TransportFailure? {
        while part.count < total {
            try tick()
            try fill()
            var moved = false
            var index = 0
            while index < lanes.count {
                switch try advance(index) {
                case .still: index += 1
                case .moved:
                    moved = true
                    index += 1
                case .ended: lanes.remove(at: index)
                case .refused: return TransportFailure(.malformed, "a range was not answered with that range")
                }
            }
            try absorb()
            guard failures <= Self.patience else { return TransportFailure(.reset) }
            if !moved { Clock.sleep(milliseconds: 2) }
        }
        return nil
    }

    /// Gives each free connection the next piece.
    private func fill() throws(ShelfError) {
        guard Clock.monotonicMilliseconds() >= notBefore else { return }
        while lanes.count < connections {
            let range: Range<Int64>
            if let waiting = again.popLast() {
                range = waiting
            } else if let gap = gaps.first, gap.lowerBound - part.count < Self.pieceSize * Int64(connections) * 2 {
                range = gap.lowerBound..<min(gap.upperBound, gap.lowerBound + Self.pieceSize)
                if range.upperBound < gap.upperBound {
                    gaps[0] = range.upperBound..<gap.upperBound
                } else {
                    gaps.removeFirst()
                }
            } else {
                return
            }
            let stream = try open(range)
            lanes.append(
                Lane(
                    stream: stream, start: range.lowerBound, offset: range.lowerBound, end: range.upperBound,
                    hasHead: false))
        }
    }

    private enum Step { case still, moved, ended, refused }

    /// Takes what one connection has brought.
    private func advance(_ index: Int) throws(ShelfError) -> Step {
        var moved = false
        while let event = lanes[index].stream.next(milliseconds: 0) {
            switch event {
            case .head(let response):
                let head = DownloadHead(response, wallNow: 0)
                guard head.status == 206, let range = head.range, range.start == lanes[index].offset,
                    range.total == nil || range.total == total
                else { return .refused }
                lanes[index].hasHead = true
            case .bytes(let bytes):
                guard lanes[index].hasHead else { return .refused }
                try write(bytes, index)
                moved = true
                failures = 0
                if lanes[index].offset >= lanes[index].end { return finish(index) }
            case .end, .failed:
                failures += 1
                notBefore = Clock.monotonicMilliseconds() + 100 * Int64(failures)
                again.append(lanes[index].offset..<lanes[index].end)
                return finish(index)
            }
        }
        return moved ? .moved : .still
    }

    private func write(_ bytes: [UInt8], _ index: Int) throws(ShelfError) {
        let lane = lanes[index]
        let count = Int(min(Int64(bytes.count), lane.end - lane.offset))
        try bytes.withUnsafeBufferPointer { (buffer) throws(ShelfError) in
            let piece = UnsafeRawBufferPointer(UnsafeBufferPointer(rebasing: buffer[..<count]))
            if lane.offset == part.count { try part.append(piece) } else { try part.write(piece, at: lane.offset) }
        }
        lanes[index].offset += Int64(count)
    }

    private func finish(_ index: Int) -> Step {
        let lane = lanes[index]
        if lane.offset > lane.start { islands.append(lane.start..<lane.offset) }
        return .ended
    }

    /// Lets the digest follow over what is written already behind the gap that has closed.
    private func absorb() throws(ShelfError) {
        var goesOn = true
        while goesOn {
            goesOn = false
            for written in islands + lanes.map({ $0.start..<$0.offset }) where written.contains(part.count) {
                try part.absorb(to: written.upperBound)
                goesOn = true
            }
        }
        islands.removeAll { $0.upperBound <= part.count }
    }
}
