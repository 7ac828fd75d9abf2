internal import ShelfBase

/// A pattern of paths below a folder, compared byte by byte.
///
/// `*` stands for any bytes within a name, `?` for one byte, `**` as a whole name for any number of folders. A pattern
/// without a slash means a name at any depth, one with a slash a path from the folder on. Every other byte, brackets among
/// them, means itself: names of models are full of them.
struct PathPattern: Sendable, Hashable {
    static let longest = 1024

    private let names: [[UInt8]]
    private let isAnyDepth: Bool

    /// Nil for one that means nothing, or is longer than ``longest``.
    init?(_ text: String) {
        let bytes = Array(text.utf8)
        guard bytes.count <= Self.longest, !bytes.contains(0) else { return nil }
        let slash = UInt8(ascii: "/")
        names = bytes.split(separator: slash).map(Array.init)
        guard !names.isEmpty, !names.contains([UInt8(ascii: "."), UInt8(ascii: ".")]) else { return nil }
        isAnyDepth = !bytes.dropLast(bytes.last == slash ? 1 : 0).contains(slash)
    }

    /// Whether the path, or a folder above it that has more than `skipped` names, is meant.
    func covers(_ path: [ArraySlice<UInt8>], skipped: Int) -> Bool {
        guard skipped < path.count else { return false }
        if isAnyDepth, let name = names.first { return path[skipped...].contains { Self.matches(name[...], $0) } }
        return (skipped + 1...path.count).contains { Self.matches(names, path[..<$0]) }
    }

    /// The usual way with one kind of star: on a mismatch the last star takes one more. Never worse than the product of
    /// the lengths.
    private static func matches(_ pattern: [[UInt8]], _ path: ArraySlice<ArraySlice<UInt8>>) -> Bool {
        let anyFolders = Array("**".utf8)
        var name = path.startIndex
        var part = 0
        var star: (part: Int, name: Int)?
        while name < path.endIndex {
            if part < pattern.count, pattern[part] == anyFolders {
                star = (part, name)
                part += 1
            } else if part < pattern.count, matches(pattern[part][...], path[name]) {
                part += 1
                name += 1
            } else if let last = star {
                star = (last.part, last.name + 1)
                part = last.part + 1
                name = last.name + 1
            } else {
                return false
            }
        }
        return pattern[part...].allSatisfy { $0 == anyFolders }
    }

    private static func matches(_ pattern: ArraySlice<UInt8>, _ name: ArraySlice<UInt8>) -> Bool {
        var letter = name.startIndex
        var part = pattern.startIndex
        var star: (part: Int, letter: Int)?
        while letter < name.endIndex {
            if part < pattern.endIndex, pattern[part] == UInt8(ascii: "*") {
                star = (part, letter)
                part += 1
            } else if part < pattern.endIndex, pattern[part] == UInt8(ascii: "?") || pattern[part] == name[letter] {
                part += 1
                letter += 1
            } else if let last = star {
                star = (last.part, last.letter + 1)
                part = last.part + 1
                letter = last.letter + 1
            } else {
                return false
            }
        }
        return pattern[part...].allSatisfy { $0 == UInt8(ascii: "*") }
    }
}
