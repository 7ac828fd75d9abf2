public import ShelfBase
internal import ShelfIdentify
internal import ShelfSidecars

/// What holds for the models below a folder; nil where it does not say.
public struct RootSettings: Sendable, Hashable {
    /// The type of files whose header does not tell it.
    public var type: String?
    /// Patterns of what is passed over below the folder.
    public var exclude: [String]?
    /// Whether Civitai is asked about what is found. False for a folder cannot be overruled: no digest of a file below it
    /// ever leaves the machine.
    public var lookup: Bool?
    /// Fetch a picture for what is identified and has none.
    public var previews: Bool?
    /// The most adult level of pictures: one of ``PreviewRequest/levels``.
    public var maximumLevel: String?
    /// Sidecars that are read and written: names of ``SidecarRequest/formats``; empty for none.
    public var sidecars: [String]?
    /// A folder that gathers the sidecars.
    public var metadataFolder: FilePath?
    /// Files hashed at once.
    public var jobs: Int?
    /// Of several folders of a type, downloads go to this one.
    public var isDefault: Bool?

    public init() {}

    /// The keys by which settings are written down.
    static let keys = [
        "type", "exclude", "lookup", "previews", "max_level", "sidecars", "metadata_dir", "jobs", "default",
    ]

    /// What says something here, and of the rest what `other` says.
    func over(_ other: RootSettings) -> RootSettings {
        var settings = other
        settings.type = type ?? other.type
        settings.exclude = exclude ?? other.exclude
        settings.lookup = lookup ?? other.lookup
        settings.previews = previews ?? other.previews
        settings.maximumLevel = maximumLevel ?? other.maximumLevel
        settings.sidecars = sidecars ?? other.sidecars
        settings.metadataFolder = metadataFolder ?? other.metadataFolder
        settings.jobs = jobs ?? other.jobs
        settings.isDefault = isDefault ?? other.isDefault
        return settings
    }

    /// With names as they are spelt, and the folder for sidecars absolute. Fails for what there is not.
    func checked() throws(ShelfError) -> RootSettings {
        var settings = self
        settings.type = try type.map(Shelf.typeName)
        for pattern in exclude ?? [] where PathPattern(pattern) == nil {
            throw ShelfError(
                .usage, "not a pattern to exclude by: '\(pattern.prefix(60))'",
                hint: "a name such as '*.bak', or a path below the folder such as 'wip/**'")
        }
        guard (exclude ?? []).count <= Self.mostPatterns else {
            throw ShelfError(.usage, "there are more than \(Self.mostPatterns) patterns to exclude by")
        }
        for name in sidecars ?? [] { _ = try SidecarDialects.named(name) }
        if let maximumLevel {
            guard let level = PreviewRequest.level(maximumLevel) else {
                throw ShelfError(
                    .usage, "unknown level: \(maximumLevel)",
                    hint: "one of: \(PreviewRequest.levels.joined(separator: " "))")
            }
            settings.maximumLevel = level
        }
        if let jobs, !(1...1024).contains(jobs) { throw ShelfError(.usage, "jobs are from 1 to 1024") }
        settings.sidecars = sidecars?.map { $0.lowercased() }
        settings.metadataFolder = metadataFolder.map(Paths.absolute)
        return settings
    }

    private static let mostPatterns = 256

    /// Every key; null where it does not say.
    var json: JSONObject {
        [
            "type": .optional(type), "exclude": exclude.map { .strings($0) } ?? .null,
            "lookup": lookup.map { .bool($0) } ?? .null,
            "previews": previews.map { .bool($0) } ?? .null, "max_level": .optional(maximumLevel),
            "sidecars": sidecars.map { .strings($0) } ?? .null, "metadata_dir": .optional(metadataFolder?.display),
            "metadata_dir_bytes": .optional(metadataFolder?.base64IfNotUTF8),
            "jobs": .optional(jobs.map { Int64($0) }), "default": isDefault.map { .bool($0) } ?? .null,
        ]
    }

    /// As the store keeps them; what it does not understand says nothing.
    init(stored: JSONObject) {
        type = stored["type"]?.string
        exclude = stored["exclude"]?.array.map { $0.compactMap(\.string) }
        lookup = stored["lookup"]?.bool
        previews = stored["previews"]?.bool
        maximumLevel = stored["max_level"]?.string
        sidecars = stored["sidecars"]?.array.map { $0.compactMap(\.string) }
        if let bytes = stored["metadata_dir_bytes"]?.string.flatMap(Base64.decode) {
            metadataFolder = FilePath(bytes: bytes)
        } else {
            metadataFolder = stored["metadata_dir"]?.string.map { FilePath($0) }
        }
        jobs = stored["jobs"]?.int.map { Int(clamping: $0) }
        isDefault = stored["default"]?.bool
    }
}
