internal import ShelfBase
internal import ShelfStore

/// What is remembered of the preview of a content: kept among what was said of it, under a source of its own.
struct PreviewNote {
    private static let source = "preview"

    var ending: String
    var url: String?
    var type: String
    var level: Int64?

    init(ending: String, url: String?, type: String, level: Int64?) {
        self.ending = ending
        self.url = url
        self.type = type
        self.level = level
    }

    init?(_ said: [SaidValue]) {
        self.init(value: said.first { $0.source == Self.source && $0.field == "preview" }?.value)
    }

    init?(value: JSONValue?) {
        // It becomes part of a file's name.
        guard let value, let ending = value["ending"]?.string, !ending.utf8.contains(UInt8(ascii: "/")) else {
            return nil
        }
        self.init(
            ending: ending, url: value["url"]?.string, type: value["type"]?.string ?? "image",
            level: value["nsfw_level"]?.int)
    }

    var value: JSONValue {
        .object([
            "ending": .string(ending), "url": .optional(url), "type": .string(type), "nsfw_level": .optional(level),
        ])
    }

    func keep(content: Int64, _ connection: Connection) throws(ShelfError) {
        try connection.say(content: content, source: Self.source, field: "preview", value, reason: "preview fetched")
    }

    /// The member `preview` of a record; null when no file is there and none is known.
    func json(model: FilePath) -> JSONValue {
        let place = PreviewFile.path(of: model, ending: ending)
        var path: FilePath?
        if case .success = FileIdentity.of(place) { path = place }
        guard path != nil || url != nil else { return .null }
        return .object([
            "path": .optional(path?.display), "url": .optional(url), "type": .string(type),
            "nsfw_level": .optional(level),
        ])
    }
}
