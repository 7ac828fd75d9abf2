internal import ModelShelf
internal import ShelfBase

/// One record, for people.
enum RecordCard {
    static func lines(_ record: ModelRecord, _ layout: Layout) -> [String] {
        let text = RecordText(.object(record.json))
        var card = Card(SafeText.line(record.name))
        card.add("path", SafeText.line(record.path) + (record.isMissing ? " (missing)" : ""))
        card.add("type", text.string("type"))
        card.add("base model", text.string("base_model") ?? text.string("architecture"))
        card.add("problem", record.json["problem"].flatMap { RecordText($0).string("message") })
        card.add("format", text.joined(["format", "precision"]))
        card.add("size", Units.bytes(record.size))
        card.add("trigger words", text.list("trigger_words"))
        addCivitai(&card, record)
        addUser(&card, record)
        card.add("training", lines: text.fields("training"))
        card.add("hashes", lines: text.fields("hashes"))
        card.add("safety", text.safety)
        card.add("preview", record.json["preview"].flatMap { RecordText($0).joined(["path", "url"]) })
        card.add("duplicates", lines: (record.json["duplicates"]?.array ?? []).compactMap(RecordText.text))
        return card.lines(layout)
    }

    private static func addCivitai(_ card: inout Card, _ record: ModelRecord) {
        guard let civitai = record.json["civitai"], !civitai.isNull else { return }
        let text = RecordText(civitai)
        card.add("Civitai", record.civitaiStatus.map(StatusText.words))
        var name = text.string("model_name") ?? ""
        if let version = text.string("version_name") { name += name.isEmpty ? version : " – \(version)" }
        if let creator = text.string("creator") { name += " by \(creator)" }
        card.add("", name)
        card.add("", text.string("url"))
        card.add("", text.string("air"))
        card.add("Civitai tags", text.list("tags"))
    }

    private static func addUser(_ card: inout Card, _ record: ModelRecord) {
        guard let user = record.json["user"], !user.isNull else { return }
        let text = RecordText(user)
        if user["favorite"]?.bool == true { card.add("favorite", "yes") }
        card.add("tags", text.list("tags"))
        card.add("notes", lines: (user["notes"]?.string).map { $0.isEmpty ? [] : SafeText.lines($0) } ?? [])
        card.add("fields", lines: text.fields("fields"))
    }
}

/// What Civitai says of a file, in words.
enum StatusText {
    /// The same of a record; what is wrong with the file comes first.
    static func words(_ record: ModelRecord) -> String {
        if record.isMissing { return "file missing" }
        let status = record.civitaiStatus ?? "pending"
        guard status == "pending", let code = record.json["problem"]?["code"]?.string else { return words(status) }
        return SafeText.line(code)
    }

    static func words(_ status: String) -> String {
        switch status {
        case "found": "found"
        case "not_found": "not there"
        case "gone": "was there, is gone"
        case "pending": "not asked yet"
        case "ambiguous": "several match"
        default: SafeText.line(status)
        }
    }
}
