internal import ShelfBase

/// What a header tells, for people.
enum InspectCard {
    static func lines(_ file: JSONValue, _ layout: Layout) -> [String] {
        let text = RecordText(file)
        var card = Card(HashResults.path(file).map { SafeText.line($0) } ?? "?")
        card.add("type", text.string("type"))
        card.add("base model", text.string("base_model"))
        card.add("variant", text.string("variant"))
        card.add("format", text.joined(["format", "precision"]))
        card.add("size", file["size"]?.int.map { Units.bytes($0) })
        card.add("tensors", tensors(file))
        card.add("rank", rank(file))
        card.add("trigger words", text.list("trigger_words"))
        card.add("training", lines: text.fields("training"))
        card.add("metadata", lines: metadata(file))
        card.add("says its hash is", lines: text.fields("claimed_hashes"))
        card.add("safety", text.safety)
        card.add("sure", text.string("confidence"))
        card.add("because", text.list("evidence"))
        card.add("or else", text.list("alternatives"))
        card.add("problems", lines: problems(file))
        return card.lines(layout)
    }

    private static func tensors(_ file: JSONValue) -> String? {
        guard let count = file["tensors"]?.int, count > 0 else { return nil }
        guard let parameters = file["parameters"]?.int, parameters > 0 else { return "\(count)" }
        return "\(count), \(Units.parameters(parameters)) parameters"
    }

    private static func rank(_ file: JSONValue) -> String? {
        guard let rank = file["rank"]?.int else { return nil }
        return file["alpha"]?.double.map { "\(rank), alpha \(RecordText.number($0))" } ?? "\(rank)"
    }

    /// Names only: values may be pages of JSON, which `--json` shows.
    private static func metadata(_ file: JSONValue) -> [String] {
        guard let metadata = file["metadata"]?.object, !metadata.isEmpty else { return [] }
        let shown = metadata.keys.prefix(12).map { SafeText.line($0) }
        let more = metadata.count - shown.count
        return [shown.joined(separator: ", ") + (more > 0 ? " and \(more) more" : "")]
    }

    private static func problems(_ file: JSONValue) -> [String] {
        (file["problems"]?.array ?? []).map { problem in
            [problem["code"]?.string, problem["message"]?.string].compactMap { $0 }
                .map { SafeText.line($0) }.joined(separator: ": ")
        }
    }
}
