internal import ShelfBase

/// What services send instead of a model, and what browsers and scripts then save under the model's name.
enum FailedDownload {
    /// How a page, an error document or a message starts, in lower case.
    private static let openings: [(text: String, format: FileFormat)] = [
        ("<!doctype", .html),
        ("<html", .html),
        ("<head", .html),
        ("<?xml", .xml),
        ("<error>", .xml),
        ("entry not found", .text),
        ("invalid username or password", .text),
        ("repository not found", .text),
        ("access to model ", .text),
        ("access denied", .text),
        ("unauthorized", .text),
        ("forbidden", .text),
        ("not found", .text),
        ("error code: ", .text),
    ]

    /// The kind of text that a file starts with; nil when it is none of these.
    static func format(_ head: [UInt8]) -> FileFormat? {
        var text = head.prefix(512)
        if text.starts(with: [0xef, 0xbb, 0xbf]) { text = text.dropFirst(3) }
        text = text.drop { $0 == 0x20 || (0x09...0x0d).contains($0) }
        guard let first = text.first else { return nil }
        if first == UInt8(ascii: "{") || first == UInt8(ascii: "[") { return looksLikeJSON(text) ? .json : nil }
        let lower = text.prefix(64).map { (0x41...0x5a).contains($0) ? $0 | 0x20 : $0 }
        return openings.first { lower.starts(with: $0.text.utf8) }?.format
    }

    /// Whether an object or a list opens the way JSON does: a bracket, then white space, then a value or the end.
    private static func looksLikeJSON(_ text: ArraySlice<UInt8>) -> Bool {
        let rest = text.dropFirst().drop { $0 == 0x20 || (0x09...0x0d).contains($0) }
        guard let next = rest.first else { return true }
        if text.first == UInt8(ascii: "{") { return next == UInt8(ascii: "\"") || next == UInt8(ascii: "}") }
        return "\"]{[0123456789-tfn".utf8.contains(next)
    }

    /// The facts of a Git LFS pointer.
    struct Pointer {
        var digest: String?
        var size: Int64?
    }

    static func pointer(_ head: [UInt8]) -> Pointer {
        var pointer = Pointer()
        for line in head.prefix(1024).split(separator: 0x0a) {
            let text = String(decoding: line, as: UTF8.self)
            let digest = text.dropFirst("oid sha256:".count)
            if text.hasPrefix("oid sha256:"), digest.utf8.count == 64, Hex.isHex(String(digest)) {
                pointer.digest = digest.lowercased()
            } else if text.hasPrefix("size ") {
                pointer.size = Int64(text.dropFirst("size ".count)).flatMap { $0 >= 0 ? $0 : nil }
            }
        }
        return pointer
    }
}
