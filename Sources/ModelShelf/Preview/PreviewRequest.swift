public import ShelfBase
internal import ShelfCivitai

/// Which previews to fetch.
public struct PreviewRequest: Sendable {
    /// Names of levels, mildest first.
    public static let levels = PreviewPolicy.names

    /// The level that is meant by a name in another spelling, such as `PG-13`; nil when none is.
    static func level(_ name: String) -> String? { PreviewPolicy(maximum: name)?.name }

    /// Models by path, name, hash, URL or id; every identified model of the library when empty.
    public var what: [FilePath]
    /// The most adult level: one of ``levels``. Nil, here and below, is as the configuration says.
    public var maximumLevel: String?
    /// Pixels; the service rounds up to one of the widths that it keeps. 450 when nobody says.
    public var width: Int?
    /// Every allowed picture and not only the first.
    public var everyPicture = false
    /// Fetch again what was fetched before. What others put there is never replaced.
    public var refresh = false
    /// False tells the pictures that the service named, also of models that have one, and fetches none: then a
    /// picture's path is that of its model, and its address is the one that the service gave.
    public var fetches = true

    /// The level when nobody says.
    static let standardLevel = PreviewPolicy.standard.name

    public init(_ what: [FilePath] = []) { self.what = what }

    /// The address of a picture at another width, or of a still of a video; 0 is the width it was uploaded with. What is
    /// not an address of Civitai's image service comes back as it is.
    public static func imageURL(_ text: String, width: Int, still: Bool) throws(ShelfError) -> String {
        guard let url = HTTPURL(text) else { throw ShelfError(.usage, "not an address: \(Redaction.text(text))") }
        guard let edge = EdgeAddress(url) else { return text }
        if still { return edge.still(width: max(1, width)).text }
        return width > 0 ? edge.picture(width: width).text : edge.original.text
    }
}

/// What became of previews.
public struct PreviewReport: Sendable {
    public struct Preview: Sendable {
        public var path: FilePath
        public var url: String
        /// `image`, or `video` when it is the still of one.
        public var type: String
        public var level: Int64?
        public var model: FilePath
    }

    public struct Skipped: Sendable {
        public var path: FilePath
        public var reason: String
        /// Why it could not be had; nil when there was no need or nothing to have.
        public var error: ShelfError?
    }

    public var previews: [Preview] = []
    public var skipped: [Skipped] = []

    public init() {}

    public var failures: [ShelfError] { skipped.compactMap(\.error) }

    public var json: JSONObject {
        [
            "previews": .array(
                previews.map {
                    .object([
                        "path": .string($0.path.display), "path_bytes": .optional($0.path.base64IfNotUTF8),
                        "url": .string($0.url), "type": .string($0.type), "nsfw_level": .optional($0.level),
                        "model": .string($0.model.display),
                    ])
                }),
            "skipped": .array(
                skipped.map {
                    .object([
                        "path": .string($0.path.display), "path_bytes": .optional($0.path.base64IfNotUTF8),
                        "reason": .string($0.reason), "code": .optional($0.error?.code.rawValue),
                    ])
                }),
        ]
    }
}
