internal import ShelfBase

/// The words that call what an adapter has learned, from the surest source that names any.
enum TriggerWords {
    private static let limit = 20

    static func read(_ metadata: MetadataReader, _ tags: TagFrequency) -> [String] {
        for key in ["modelspec.trigger_phrase", "trained_words", "ssmd_keywords"] {
            guard let text = metadata.value(key) else { continue }
            let list = text.utf8.first == UInt8(ascii: "[") ? metadata.json(key)?.array : nil
            let words = distinct(list.map { $0.compactMap(\.string) } ?? parts(text))
            if !words.isEmpty { return words }
        }
        return fromTags(tags)
    }

    /// What stands between commas or line feeds.
    private static func parts(_ text: String) -> [String] {
        text.utf8.prefix(MetadataReader.textLimit)
            .split { $0 == UInt8(ascii: ",") || $0 == 0x0a || $0 == 0x0d }
            .prefix(1000)
            .map { String(decoding: $0, as: UTF8.self) }
    }

    private static func distinct(_ parts: [String]) -> [String] {
        var words: [String] = []
        for part in parts.prefix(1000) where words.count < 100 {
            let word = part.trimmed
            if !word.isEmpty, !words.contains(word) { words.append(word) }
        }
        return words
    }

    /// Names of training folders and tags of nearly all captions, the most steady first; what every picture has is
    /// left out unless there is nothing else.
    private static func fromTags(_ tags: TagFrequency) -> [String] {
        var candidates: [(text: String, coverage: Double)] = []
        for candidate in tags.classTokens where !genericFolders.contains(candidate.text.lowercased()) {
            candidates.append(candidate)
        }
        for candidate in tags.steady where !candidates.contains(where: { $0.text == candidate.text }) {
            candidates.append(candidate)
        }
        let ranked = candidates.enumerated().sorted {
            ($1.element.coverage, $0.offset) < ($0.element.coverage, $1.offset)
        }.map(\.element.text)
        let special = ranked.filter { !genericTags.contains($0.lowercased()) }
        return Array((special.isEmpty ? ranked : special).prefix(limit))
    }

    /// Tags that say what kind of picture it is, and nothing about its subject.
    private static let genericTags: Set<String> = [
        "1girl", "2girls", "multiple girls", "1boy", "2boys", "multiple boys", "1other", "solo", "solo focus",
        "looking at viewer", "looking away", "simple background", "white background", "grey background",
        "black background", "gradient background", "transparent background", "masterpiece", "best quality",
        "high quality", "good quality", "normal quality", "amazing quality", "very aesthetic", "aesthetic",
        "absurdres", "highres", "newest", "recent", "general", "sensitive", "questionable", "explicit", "safe", "nsfw",
        "rating:general", "rating:safe", "rating_safe", "score_9", "score_8_up", "score_7_up", "score_6_up",
        "score_5_up", "score_4_up", "source_anime", "smile", "open mouth", "closed mouth", "blush", "standing",
        "sitting", "upper body", "full body", "cowboy shot", "portrait", "close-up", "breasts", "large breasts",
        "medium breasts", "small breasts", "cleavage", "long hair", "short hair", "medium hair", "bangs",
        "hair between eyes", "shirt", "long sleeves", "short sleeves", "no humans", "monochrome", "greyscale",
        "english text", "commentary", "woman", "man", "girl", "boy", "person", "photo", "realistic", "illustration",
    ]

    /// Folder names that only say that there are pictures.
    private static let genericFolders: Set<String> = [
        "images", "image", "img", "imgs", "train", "training", "data", "dataset", "datasets", "pictures", "photos",
        "reg", "none", "untitled", "new folder", "1", "2",
    ]
}
