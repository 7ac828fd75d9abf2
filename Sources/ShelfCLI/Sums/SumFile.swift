internal import ShelfBase

/// A checksum file, or a portion of one.
struct SumFile {
    var lines: [SumLine] = []
    /// Lines that are not checksums.
    var malformed = 0

    /// What editors of Windows put before UTF-8.
    private static let byteOrderMark: [UInt8] = [0xef, 0xbb, 0xbf]

    /// `isStart`: whether the bytes are those that the file begins with.
    init(_ bytes: [UInt8], isStart: Bool = true) {
        let isMarked = isStart && bytes.starts(with: Self.byteOrderMark)
        let text = isMarked ? bytes.dropFirst(Self.byteOrderMark.count) : bytes[...]
        for line in text.split(separator: 0x0a) where line.first != UInt8(ascii: "#") {
            if let parsed = SumLine.parse(Array(line)) { lines.append(parsed) } else { malformed += 1 }
        }
    }

    mutating func append(_ other: SumFile) {
        lines += other.lines
        malformed += other.malformed
    }

    /// The files that the lines name, each once.
    var paths: [FilePath] {
        var seen: Set<FilePath> = []
        return lines.map(\.path).filter { seen.insert($0).inserted }
    }
}

/// Compares checksum files with what the files hash to.
struct SumCheck {
    struct Verdict: Equatable {
        let path: FilePath
        /// Nil when the file is what the line says.
        let failure: ErrorCode?
        let message: String
    }

    /// The algorithms that a line may mean: sha256sum and b3sum write the same form.
    static func algorithms(of line: SumLine, chosen: [String], known: [String]) -> [String] {
        if !chosen.isEmpty { return chosen }
        return (line.algorithm.map { [$0] } ?? ["sha256", "blake3"]).filter(known.contains)
    }

    static func verdict(_ line: SumLine, chosen: [String], _ result: HashResults.Entry?) -> Verdict {
        switch result {
        case .hashes(let hashes):
            let meant = hashes.members.filter {
                isMeant($0.key, by: line, chosen: chosen) && isAsLong($0.value, as: line)
            }
            guard !meant.isEmpty else {
                return Verdict(
                    path: line.path, failure: .unsupportedFormat, message: "its kind of checksum is not known")
            }
            let matches = meant.contains { $0.value.string?.lowercased() == line.digest }
            return matches
                ? Verdict(path: line.path, failure: nil, message: "OK")
                : Verdict(path: line.path, failure: .hashMismatch, message: "does not match its checksum")
        case .failure(let code, let message): return Verdict(path: line.path, failure: code, message: message)
        case nil: return Verdict(path: line.path, failure: .unreadable, message: "was not read")
        }
    }

    /// An MD5 is no SHA-256 that does not match.
    private static func isAsLong(_ hash: JSONValue, as line: SumLine) -> Bool {
        hash.string.map { $0.utf8.count == line.digest.utf8.count } ?? true
    }

    /// Files are hashed for all lines together; a line is compared with what it may mean only.
    private static func isMeant(_ algorithm: String, by line: SumLine, chosen: [String]) -> Bool {
        chosen.isEmpty ? line.algorithm.map { $0 == algorithm } ?? true : true
    }
}
