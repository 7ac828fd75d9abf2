/// Names of a zip archive's entries, enough to tell what kind of archive it is. Nothing is inflated.
///
/// The names are labels from a stranger: they are compared, never used as paths.
enum ZipNames {
    /// Entries looked at; the telling ones stand at the front in every known kind.
    private static let limit = 4096

    /// What kind of archive the names speak of.
    static func format(head: [UInt8], tail: [UInt8]) -> FileFormat {
        var names = central(tail)
        if names.isEmpty { names = local(head) }
        if names.contains(where: { ends($0, "/data.pkl") || $0.elementsEqual("data.pkl".utf8) }) { return .torch }
        if names.contains(where: { $0.elementsEqual("model_index.json".utf8) }) { return .dduf }
        if !names.isEmpty, names.allSatisfy({ ends($0, ".npy") }) { return .npz }
        return .zip
    }

    private static func ends(_ name: ArraySlice<UInt8>, _ suffix: String) -> Bool {
        name.count >= suffix.utf8.count && name.suffix(suffix.utf8.count).elementsEqual(suffix.utf8)
    }

    /// Names from the central directory, as far as it lies in the file's last bytes.
    private static func central(_ tail: [UInt8]) -> [ArraySlice<UInt8>] {
        var names: [ArraySlice<UInt8>] = []
        var offset = 0
        while names.count < limit, let entry = find([0x50, 0x4b, 1, 2], in: tail, from: offset) {
            guard let length = LittleEndian.uint16(tail, at: entry + 28),
                let name = slice(tail, at: entry + 46, count: length)
            else { break }
            names.append(name)
            offset = name.endIndex
        }
        return names
    }

    /// Names from the local headers in the file's first bytes.
    private static func local(_ head: [UInt8]) -> [ArraySlice<UInt8>] {
        var names: [ArraySlice<UInt8>] = []
        var offset = 0
        while names.count < limit, let entry = find([0x50, 0x4b, 3, 4], in: head, from: offset) {
            guard let length = LittleEndian.uint16(head, at: entry + 26),
                let name = slice(head, at: entry + 30, count: length)
            else { break }
            names.append(name)
            offset = name.endIndex
        }
        return names
    }

    private static func slice(_ bytes: [UInt8], at offset: Int, count: UInt64) -> ArraySlice<UInt8>? {
        guard let count = Int(exactly: count), offset <= bytes.count, bytes.count - offset >= count else { return nil }
        return bytes[offset..<offset + count]
    }

    private static func find(_ mark: [UInt8], in bytes: [UInt8], from start: Int) -> Int? {
        guard bytes.count >= mark.count, start >= 0 else { return nil }
        var index = start
        while index <= bytes.count - mark.count {
            if bytes[index] == mark[0], bytes[index..<index + mark.count].elementsEqual(mark) { return index }
            index += 1
        }
        return nil
    }
}
