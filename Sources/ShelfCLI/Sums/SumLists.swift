internal import ShelfBase

/// Checksum files, read one after another in portions of whole lines, so that lists of any length need little memory.
struct SumLists {
    /// More than any library needs, less than what exhausts memory.
    private static let sizeLimit = 256 << 20
    /// Bytes of a portion: some twenty thousand lines.
    static let portionSize = 2 << 20
    /// Less is not worth a read of its own.
    private static let leastRead = 1 << 16

    private struct List {
        enum Source {
            /// What a pipe gave, which can be read only once.
            case bytes([UInt8])
            case file(ReadableFile)
        }

        let path: FilePath
        let source: Source
        let size: Int
        var lines = 0
    }

    private let portionSize: Int
    private var lists: [List] = []
    private var current = 0
    private var offset = 0

    /// Opens them: files, pipes, and standard input for `-`.
    init(_ paths: [FilePath], _ terminal: any Terminal, portionSize: Int = Self.portionSize) throws(ShelfError) {
        self.portionSize = portionSize
        for path in paths { lists.append(try Self.open(path, terminal)) }
    }

    private static func open(_ path: FilePath, _ terminal: any Terminal) throws(ShelfError) -> List {
        var bytes: [UInt8]?
        if path == FilePath("-") {
            bytes = try terminal.readInput(limit: sizeLimit)
        } else if case .success(let identity) = FileIdentity.of(path), identity.kind == .other {
            bytes = try terminal.readInput(path, limit: sizeLimit)
        }
        if let bytes { return List(path: path, source: .bytes(bytes), size: bytes.count) }
        let file = try ReadableFile(path)
        guard file.size <= sizeLimit else { throw ShelfError(.tooLarge, "too long for a checksum file", path: path) }
        return List(path: path, source: .file(file), size: Int(file.size))
    }

    private var isAtEnd: Bool { current >= lists.count }

    /// The next portion; nil at the end of the last list. Short lists share one, so that a file which several of them
    /// name is read once.
    mutating func next() throws(ShelfError) -> SumFile? {
        guard !isAtEnd else { return nil }
        var portion = SumFile([])
        var left = portionSize
        while left > 0, !isAtEnd {
            let bytes = try Self.wholeLines(of: lists[current], at: offset, about: left)
            let part = SumFile(bytes, isStart: offset == 0)
            lists[current].lines += part.lines.count
            portion.append(part)
            left -= bytes.count
            offset += bytes.count
            if bytes.isEmpty || offset >= lists[current].size {
                current += 1
                offset = 0
            }
        }
        return portion
    }

    /// Reads them all once and begins again: the bytes of the files that are named. Fails for a list without checksums.
    mutating func survey(_ cancellation: Cancellation) throws(ShelfError) -> Int64 {
        var bytes: Int64 = 0
        var isFirst = true
        while let portion = try next() {
            try cancellation.check()
            // Of a single portion whoever hashes it will tell.
            if isFirst && isAtEnd { break }
            isFirst = false
            for path in portion.paths {
                guard case .success(let identity) = FileIdentity.of(path), identity.kind == .file else { continue }
                bytes = bytes.addingClamped(identity.size)
            }
        }
        for list in lists where list.lines == 0 {
            throw ShelfError(.corruptFile, "no checksum lines found", path: list.path)
        }
        current = 0
        return bytes
    }

    private static func wholeLines(of list: List, at offset: Int, about wanted: Int) throws(ShelfError) -> [UInt8] {
        var count = max(wanted, leastRead)
        while true {
            let rest = list.size - offset
            let bytes = try read(list, at: offset, count: min(count, rest))
            // A file may have become shorter.
            if bytes.count == rest || bytes.count < count { return bytes }
            if let end = bytes.lastIndex(of: 0x0a) { return Array(bytes[...end]) }
            count *= 2
        }
    }

    private static func read(_ list: List, at offset: Int, count: Int) throws(ShelfError) -> [UInt8] {
        switch list.source {
        case .bytes(let bytes): Array(bytes[offset...].prefix(count))
        case .file(let file): try file.bytes(at: Int64(offset), count: count)
        }
    }
}

extension Int64 {
    /// The sum, cut to the range: sparse files may say that they have exbibytes.
    func addingClamped(_ other: Int64) -> Int64 {
        let (sum, overflow) = addingReportingOverflow(other)
        return overflow ? .max : sum
    }
}
