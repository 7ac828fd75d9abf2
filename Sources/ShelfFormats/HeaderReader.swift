public import ShelfBase

/// Reads what a file's header tells, in one read for nearly every file. Never throws: what is wrong is part of the
/// answer.
public enum HeaderReader {
    /// Reads 64 KiB, the rest of a longer header, and the end of a zip archive.
    public static func read(_ file: ReadableFile) -> FileHeader {
        read(name: file.path, size: file.size) { (offset, count) throws(ShelfError) in
            try file.bytes(at: offset, count: count)
        }
    }

    /// Reads from bytes that are in memory already.
    ///
    /// - Parameters:
    ///   - head: the whole of a small file, or at least its header.
    ///   - size: bytes of the whole file.
    public static func read(head: [UInt8], size: Int64, name: FilePath) -> FileHeader {
        read(name: name, size: size) { (offset, count) throws(ShelfError) in
            guard let start = Int(exactly: offset), start < head.count else { return [] }
            return Array(head[start...].prefix(count))
        }
    }

    private typealias Source = (_ offset: Int64, _ count: Int) throws(ShelfError) -> [UInt8]

    private static func read(name: FilePath, size: Int64, _ source: Source) -> FileHeader {
        do throws(ShelfError) {
            let head = try source(0, FormatSniffer.headLength)
            var tail: [UInt8] = []
            if head.starts(with: "PK".utf8) {
                tail = try source(max(0, size - Int64(FormatSniffer.tailLength)), FormatSniffer.tailLength)
            }
            let sniff = FormatSniffer.sniff(head: head, tail: tail, size: size, name: name)
            var header = FileHeader(format: sniff.format, size: size)
            if let note = sniff.note { header.notes.append(note) }
            if let problem = sniff.problem {
                header.problems.append(problem)
                header.isFatal = true
            } else if sniff.format == .safetensors {
                try readSafetensors(into: &header, head, name, source)
            } else if sniff.format == .gguf, let problem = GGUFPreamble.problem(head: head, size: size) {
                header.problems.append(located(problem, name))
                header.isFatal = true
            }
            // Other formats are recognised only: a reader of their insides is called from here.
            return header
        } catch {
            var header = FileHeader(format: .unknown, size: size)
            header.problems = [located(error, name)]
            header.isFatal = true
            return header
        }
    }

    private static func readSafetensors(
        into header: inout FileHeader, _ head: [UInt8], _ name: FilePath, _ source: Source
    ) throws(ShelfError) {
        var bytes = head
        if let length = LittleEndian.uint64(head, at: 0), length <= SafetensorsLimits.headerLength,
            8 + length > UInt64(head.count), 8 + length <= UInt64(clamping: header.size)
        {
            bytes = try source(0, Int(clamping: 8 + length))
        }
        do throws(ShelfError) {
            let (safetensors, sizeProblem) = try SafetensorsHeader.parseIgnoringSize(bytes, fileSize: header.size)
            header.safetensors = safetensors
            header.tensors = safetensors.tensors
            header.metadata = safetensors.metadata
            header.notes += safetensors.notes
            header.expectedSize = safetensors.expectedFileSize
            if let sizeProblem {
                header.problems.append(located(sizeProblem, name))
                header.isFatal = true
                header.isIncomplete = safetensors.expectedFileSize > UInt64(clamping: header.size)
            }
            header.problems += safetensors.problems.map { located($0, name) }
        } catch {
            header.problems.append(located(error, name))
            header.isFatal = true
            header.isIncomplete = isHeaderIncomplete(head, size: header.size)
        }
    }

    /// Whether the file ends before its header does.
    private static func isHeaderIncomplete(_ head: [UInt8], size: Int64) -> Bool {
        guard let length = LittleEndian.uint64(head, at: 0) else { return true }
        return length <= SafetensorsLimits.headerLength && 8 + length > UInt64(clamping: size)
    }

    private static func located(_ error: ShelfError, _ name: FilePath) -> ShelfError {
        var error = error
        if error.path == nil { error.path = name }
        return error
    }
}
