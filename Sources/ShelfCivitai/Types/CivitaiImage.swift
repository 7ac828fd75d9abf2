public import ShelfBase

/// A preview of a version on Civitai.
public struct CivitaiImage: Sendable, Equatable {
    /// Given by one route only; else taken from the last part of the address, where the server writes it.
    public let id: Int64?
    public let url: String
    /// `image`, `video` or `audio`; the list is open.
    public let type: String
    public let nsfwLevel: Int64?
    public let width: Int64?
    public let height: Int64?
    /// What the service sent.
    public let raw: JSONValue

    /// Nil when the value has no address that could be fetched.
    public init?(_ json: JSONValue) {
        let fields = Fields(json: json)
        guard let url = fields.string("url"), let parsed = HTTPURL(url) else { return nil }
        let last = parsed.path.split(separator: "/").last ?? ""
        id = fields.id("id") ?? Int64(last.prefix { $0 != "." }).flatMap { $0 > 0 ? $0 : nil }
        self.url = url
        type = fields.name("type") ?? "image"
        nsfwLevel = NSFWLevel.bits(json["nsfwLevel"])
        width = fields.int("width")
        height = fields.int("height")
        raw = json
    }
}
