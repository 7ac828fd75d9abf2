public import ShelfBase

/// How folders are watched.
public struct WatchOptions: Sendable {
    /// Ask Civitai about what is new. What is nil here and below is as the configuration says.
    public var lookup: Bool?
    /// Fetch a picture for what was identified and has none.
    public var previews: Bool?
    /// The most adult level of those pictures: one of ``PreviewRequest/levels``.
    public var previewLevel: String?
    /// Sidecars to read before anything is hashed, and to write for what was told: names of ``SidecarRequest/formats``;
    /// empty for none.
    public var sidecars: [String]?
    /// A folder that gathers the sidecars, instead of beside the models.
    public var sidecarFolder: FilePath?
    /// Compute digests that sidecars told, while there is nothing else to do; true when nobody says.
    public var verifiesAdopted: Bool?
    /// For how long there must have been nothing to do before that (milliseconds).
    public var idleMilliseconds: Int64 = 3_000
    /// Files hashed at once; one on each processor when nobody says.
    public var jobs: Int?
    /// Read and hash with the lowest priority for processor and disk.
    public var isBackground = false
    /// How often folders are listed that do not report what happens in them, such as network folders (milliseconds);
    /// 5 s when nobody says.
    public var pollMilliseconds: Int64?
    /// How often everything is listed, to catch what was missed (milliseconds).
    public var reconcileMilliseconds: Int64 = 600_000
    /// Lists all folders now and then instead of asking the kernel for reports.
    public var onlyPolls = false

    public init() {}

    var wishes: RootSettings {
        var wishes = RootSettings()
        wishes.lookup = lookup
        wishes.previews = previews
        wishes.maximumLevel = previewLevel
        wishes.sidecars = sidecars
        wishes.metadataFolder = sidecarFolder
        wishes.jobs = jobs
        return wishes
    }
}

/// Something that happened to a model file.
public struct WatchEvent: Sendable {
    public enum Kind: String, Sendable {
        /// A file is whole, hashed and in the library.
        case added
        /// A file that was known has other content.
        case changed
        /// A file that was known is at another place.
        case moved
        /// A file that was known is gone.
        case removed
        /// Civitai knows the file.
        case identified
        /// A file cannot be used.
        case failed
    }

    public let kind: Kind
    public let path: FilePath
    /// Where the file was before, when it ``Kind/moved``.
    public let oldPath: FilePath?
    /// Milliseconds since 1970.
    public let time: Int64
    /// The record of the file; nil when there is none.
    public let model: ModelRecord?
    /// What is wrong, when it ``Kind/failed``.
    public let error: ShelfError?

    public init(
        _ kind: Kind, _ path: FilePath, oldPath: FilePath? = nil, time: Int64, model: ModelRecord? = nil,
        error: ShelfError? = nil
    ) {
        self.kind = kind
        self.path = path
        self.oldPath = oldPath
        self.time = time
        self.model = model
        self.error = error
    }

    /// `{"event","path","path_bytes","old_path","old_path_bytes","time","model","error"}`
    public var json: JSONObject {
        [
            "event": .string(kind.rawValue), "path": .string(path.display),
            "path_bytes": .optional(path.base64IfNotUTF8), "old_path": .optional(oldPath?.display),
            "old_path_bytes": .optional(oldPath?.base64IfNotUTF8), "time": .string(Timestamp.text(milliseconds: time)),
            "model": model.map { .object($0.json) } ?? .null, "error": error.map { .object($0.json) } ?? .null,
        ]
    }
}
