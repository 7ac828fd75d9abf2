/// Recognises a pickle stream by how it starts. What it would do is not looked at here.
enum PickleMark {
    /// Openings of streams of protocols 0 and 1, which have no mark of their own.
    private static let openings = [
        "(dp", "(lp", "(d.", "(l.", "(S'", "(S\"", "(V", "(c", "(i", "(I", "(t", "(X", "(U", "(]", "(}", "}q", "]q",
        "ccopy_reg\n", "c__builtin__\n", "cbuiltins\n", "cos\n", "cposix\n", "ctorch",
    ]

    static func matches(_ head: [UInt8]) -> Bool {
        if head.count >= 2, head[0] == 0x80, (2...5).contains(head[1]) { return true }
        return openings.contains { head.starts(with: $0.utf8) } || startsWithGlobal(head)
    }

    /// `c`, a module's dotted name, a line feed, a name, a line feed.
    private static func startsWithGlobal(_ head: [UInt8]) -> Bool {
        guard head.first == UInt8(ascii: "c") else { return false }
        let lines = head.prefix(512).dropFirst().split(
            separator: 0x0a, maxSplits: 2, omittingEmptySubsequences: false)
        guard lines.count == 3 else { return false }
        return lines.prefix(2).allSatisfy { line in
            !line.isEmpty && line.allSatisfy { isIdentifier($0) || $0 == UInt8(ascii: ".") }
        }
    }

    private static func isIdentifier(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, 0x5f: true
        default: false
        }
    }
}
