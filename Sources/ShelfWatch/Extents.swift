internal import ShelfBase
internal import ShelfFormats

/// Tells whether a file has all the bytes that it says it has.
enum Extents {
    /// Extensions of raw pickles.
    private static let pickleNames: Set<String> = ["ckpt", "pt", "pth", "bin", "pkl"]

    static func extent(of file: ReadableFile) -> Look.Extent {
        let header = HeaderReader.read(file)
        if header.isIncomplete { return .incomplete }
        if let expected = header.expectedSize {
            return expected > UInt64(clamping: header.size) ? .incomplete : .whole
        }
        guard let head = try? file.bytes(at: 0, count: 4) else { return .unknown }
        if head.starts(with: "PK".utf8) { return hasZipEnd(file) ? .whole : .incomplete }
        return pickleNames.contains(file.path.pathExtension) ? .pickle : .unknown
    }

    /// Whether the archive's directory ends where the file ends.
    private static func hasZipEnd(_ file: ReadableFile) -> Bool {
        let length = min(file.size, Int64(FormatSniffer.tailLength))
        guard length >= 22, let tail = try? file.bytes(at: file.size - length, count: Int(length)) else { return false }
        return hasZipEnd(tail)
    }

    /// The same for the last bytes of a file: the record that closes a zip archive names the length of the comment
    /// after it.
    static func hasZipEnd(_ tail: [UInt8]) -> Bool {
        guard tail.count >= 22 else { return false }
        for start in stride(from: tail.count - 22, through: 0, by: -1)
        where tail[start] == 0x50 && tail[start + 1] == 0x4b && tail[start + 2] == 5 && tail[start + 3] == 6 {
            if start + 22 + Int(tail[start + 20]) + Int(tail[start + 21]) * 256 == tail.count { return true }
        }
        return false
    }
}
