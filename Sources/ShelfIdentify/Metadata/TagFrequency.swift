internal import ShelfBase
internal import ShelfFormats

/// How often each tag stands in the captions of a training set: kohya's `ss_tag_frequency`, an object of folders, each
/// an object of tags and counts. It may be megabytes, so it is walked and never held as a tree.
struct TagFrequency {
    /// Tags of most images, the most frequent first.
    private(set) var frequent: [String] = []
    /// What the folders are called, without their number of repeats, with the share of images they hold.
    private(set) var classTokens: [(text: String, coverage: Double)] = []
    /// Tags that stand in at least nine of ten captions, with that share.
    private(set) var steady: [(text: String, coverage: Double)] = []

    private static let frequentLimit = 100
    /// Distinct tags counted; real sets have a few thousand.
    private static let tagLimit = 50_000
    private static let folderLimit = 1000
    /// Bytes of a tag that is taken for one; longer ones are sentences.
    private static let tagLength = 60
    private static let coverage = 0.9

    private struct Folder {
        let name: [UInt8]
        /// The count of its most frequent tag, which stands for the number of images when that is not told.
        var largest: UInt64 = 0
    }

    init(_ metadata: MetadataReader) {
        guard let text = metadata.value("ss_tag_frequency") else { return }
        var counts: [ByteKey: UInt64] = [:]
        var folders: [Folder] = []
        // A text that is broken in the middle still tells what came before.
        _ = try? TagFrequency.walk(text, &counts, &folders)
        let images = TagFrequency.images(folders, metadata)
        let total = images.reduce(UInt64(0)) { $0.addingReportingOverflow($1).partialValue }
        rank(counts, total: total)
        nameClasses(folders, images, total: total)
    }

    private static func walk(
        _ text: String, _ counts: inout [ByteKey: UInt64], _ folders: inout [Folder]
    ) throws(JSONError) {
        try Array(text.utf8).withUnsafeBufferPointer { (buffer) throws(JSONError) in
            var cursor = JSONCursor(buffer, maximumDepth: 8)
            try cursor.readObject { (name, cursor) throws(JSONError) in
                guard folders.count < folderLimit, try cursor.peek() == UInt8(ascii: "{") else {
                    try cursor.skipValue(depth: 1)
                    return
                }
                var folder = Folder(name: name)
                try cursor.readObject { (tag, cursor) throws(JSONError) in
                    guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(try cursor.peek()) else {
                        try cursor.skipValue(depth: 2)
                        return
                    }
                    let count = min(try cursor.readUnsigned(), UInt64(UInt32.max))
                    folder.largest = max(folder.largest, count)
                    let key = ByteKey(trimmed(tag))
                    guard !key.bytes.isEmpty, counts.count < tagLimit || counts[key] != nil else { return }
                    counts[key, default: 0] = min((counts[key] ?? 0) &+ count, UInt64(UInt32.max))
                }
                folders.append(folder)
            }
        }
    }

    private static func trimmed(_ bytes: [UInt8]) -> [UInt8] {
        let isSpace = { (byte: UInt8) in byte == 0x20 || (0x09...0x0d).contains(byte) }
        let rest = bytes.drop(while: isSpace)
        return Array(rest.prefix((rest.lastIndex { !isSpace($0) }).map { $0 - rest.startIndex + 1 } ?? 0))
    }

    /// Images in each folder.
    private static func images(_ folders: [Folder], _ metadata: MetadataReader) -> [UInt64] {
        var told: [ByteKey: UInt64] = [:]
        for (folder, facts) in metadata.json("ss_dataset_dirs")?.object?.members ?? [] {
            if let count = facts["img_count"]?.int, count > 0 { told[ByteKey(Array(folder.utf8))] = UInt64(count) }
        }
        return folders.map { told[ByteKey($0.name)] ?? $0.largest }
    }

    private mutating func rank(_ counts: [ByteKey: UInt64], total: UInt64) {
        let ordered = counts.sorted {
            ($1.value, $0.key.bytes.count) < ($0.value, $1.key.bytes.count)
                || ($0.value == $1.value && $0.key.bytes.count == $1.key.bytes.count
                    && $0.key.bytes.lexicographicallyPrecedes($1.key.bytes))
        }
        for (key, count) in ordered {
            guard frequent.count < TagFrequency.frequentLimit else { break }
            guard key.bytes.count <= TagFrequency.tagLength else { continue }
            let text = String(decoding: key.bytes, as: UTF8.self)
            frequent.append(text)
            let share = total > 0 ? Double(count) / Double(total) : 0
            if share >= TagFrequency.coverage { steady.append((text, min(share, 1))) }
        }
    }

    private mutating func nameClasses(_ folders: [Folder], _ images: [UInt64], total: UInt64) {
        for (folder, count) in zip(folders, images) {
            // Only folders named by the trainer's custom, repeats first, name a class.
            let digits = folder.name.prefix { (0x30...0x39).contains($0) }
            guard !digits.isEmpty, folder.name.dropFirst(digits.count).first == UInt8(ascii: "_") else { continue }
            let name = TagFrequency.trimmed(Array(folder.name.dropFirst(digits.count + 1)))
            guard !name.isEmpty, name.count <= TagFrequency.tagLength else { continue }
            let text = String(decoding: name, as: UTF8.self)
            guard !classTokens.contains(where: { $0.text == text }) else { continue }
            classTokens.append((text, total > 0 ? Double(count) / Double(total) : 0))
        }
    }
}
