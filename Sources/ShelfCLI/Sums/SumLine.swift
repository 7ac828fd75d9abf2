internal import ShelfBase

/// One line of a checksum file, as sha256sum and b3sum write it.
struct SumLine: Equatable {
    /// Lower-case.
    let digest: String
    let path: FilePath
    /// From `SHA256 (PATH) = HEX`; nil for the usual form, which does not say.
    let algorithm: String?

    /// Reads `HEX  PATH`, `HEX *PATH` and `ALGORITHM (PATH) = HEX`, each with a leading backslash when the name is
    /// escaped; nil for anything else.
    static func parse(_ line: [UInt8]) -> SumLine? {
        var rest = line[...]
        if rest.last == 0x0d { rest = rest.dropLast() }
        let isEscaped = rest.first == UInt8(ascii: "\\")
        if isEscaped { rest = rest.dropFirst() }
        guard let parts = plain(rest) ?? tagged(rest),
            let name = isEscaped ? SumName.unescape(parts.name) : Array(parts.name), !name.isEmpty
        else { return nil }
        return SumLine(digest: parts.digest.lowercased(), path: FilePath(bytes: name), algorithm: parts.algorithm)
    }

    private typealias Parts = (digest: String, name: ArraySlice<UInt8>, algorithm: String?)

    private static func plain(_ line: ArraySlice<UInt8>) -> Parts? {
        guard let space = line.firstIndex(of: UInt8(ascii: " ")) else { return nil }
        let digest = String(decoding: line[..<space], as: UTF8.self)
        let mark = space + 1
        guard isDigest(digest), mark < line.endIndex,
            line[mark] == UInt8(ascii: " ") || line[mark] == UInt8(ascii: "*")
        else { return nil }
        return (digest, line[(mark + 1)...], nil)
    }

    private static func tagged(_ line: ArraySlice<UInt8>) -> Parts? {
        let opening = Array(" (".utf8)
        let closing = Array(") = ".utf8)
        guard let open = line.indices.first(where: { line[$0...].starts(with: opening) }),
            let close = line.indices.last(where: { line[$0...].starts(with: closing) }), open < close
        else { return nil }
        let algorithms = ["SHA256": "sha256", "BLAKE3": "blake3"]
        let digest = String(decoding: line[(close + closing.count)...], as: UTF8.self)
        guard let algorithm = algorithms[String(decoding: line[..<open], as: UTF8.self)], isDigest(digest) else {
            return nil
        }
        return (digest, line[(open + opening.count)..<close], algorithm)
    }

    /// CRC-32 is the shortest that modelshelf knows.
    private static func isDigest(_ text: String) -> Bool {
        (8...64).contains(text.utf8.count) && Hex.isHex(text)
    }
}

/// Names in checksum files: one with a line break or a backslash is escaped, and the line begins with a backslash.
enum SumName {
    /// The name as sha256sum writes it, and what the line has to begin with.
    static func escape(_ path: FilePath) -> (mark: [UInt8], name: [UInt8]) {
        guard path.bytes.contains(where: { escapes[$0] != nil }) else { return ([], path.bytes) }
        var name: [UInt8] = []
        for byte in path.bytes {
            if let letter = escapes[byte] { name += [UInt8(ascii: "\\"), letter] } else { name.append(byte) }
        }
        return ([UInt8(ascii: "\\")], name)
    }

    /// The name behind an escaped one; nil when an escape means nothing.
    static func unescape(_ name: ArraySlice<UInt8>) -> [UInt8]? {
        var plain: [UInt8] = []
        var rest = name
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "\\") else {
                plain.append(byte)
                continue
            }
            guard let letter = rest.popFirst(), let original = escapes.first(where: { $0.value == letter }) else {
                return nil
            }
            plain.append(original.key)
        }
        return plain
    }

    private static let escapes: [UInt8: UInt8] = [
        UInt8(ascii: "\\"): UInt8(ascii: "\\"), 0x0a: UInt8(ascii: "n"), 0x0d: UInt8(ascii: "r"),
    ]
}
