public import ShelfBase

/// What a scan is to do.
public struct ScanRequest: Sendable {
    /// A folder to scan and the type that its files have unless their header says otherwise.
    public struct Folder: Sendable {
        public var path: FilePath
        public var type: String?

        public init(path: FilePath, type: String? = nil) {
            self.path = path
            self.type = type
        }
    }

    /// Folders (or single files) to scan; the registered roots when empty.
    public var folders: [Folder]
    /// Ask Civitai about what is new. What is nil here and below is as the configuration says.
    public var lookup: Bool?
    /// Hash what is new. Without it the library is listed by what headers tell.
    public var hash = true
    /// Hash again what is known.
    public var force = false
    /// Ask Civitai again about what was found before.
    public var refresh = false
    /// Fetch a picture for what is identified and has none.
    public var previews: Bool?
    /// The most adult level of those pictures: `pg pg13 r x xxx`.
    public var previewLevel: String?
    /// Sidecars to read before anything is hashed, and to write after it: names of ``SidecarRequest/formats``; empty for
    /// none.
    public var sidecars: [String]?
    /// A folder that gathers the sidecars, instead of beside the models.
    public var sidecarFolder: FilePath?
    /// Files hashed at once; one on each processor when nobody says.
    public var jobs: Int?
    /// Read and hash with the lowest priority for processor and disk.
    public var isBackground = false
    /// Of the folders only these files, absolute, which are not looked for; nil for all. What is missing is not noticed.
    var files: [FilePath]?

    public init(folders: [Folder] = []) {
        self.folders = folders
    }

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

/// How far a scan is. Delivered on the thread that called `scan`, at most about ten times a second.
public struct ScanProgress: Sendable {
    public enum Phase: String, Sendable { case finding, reading, hashing, identifying, previews, sidecars, done }

    public var phase = Phase.finding
    /// Files finished in this phase, and in all as far as known.
    public var files = 0
    public var filesTotal = 0
    /// Bytes hashed, and to be hashed in all.
    public var bytes: Int64 = 0
    public var bytesTotal: Int64 = 0
    /// Bytes a second, smoothed over the last seconds; 0 while unknown.
    public var bytesPerSecond: Double = 0
    public var secondsLeft: Double?
    /// A file that is being read now.
    public var path: FilePath?

    public init() {}

    public var json: JSONObject {
        [
            "phase": .string(phase.rawValue), "files": .int(Int64(files)), "files_total": .int(Int64(filesTotal)),
            "bytes": .int(bytes), "bytes_total": .int(bytesTotal), "bytes_per_second": .double(bytesPerSecond),
            "seconds_left": .optional(secondsLeft), "path": .optional(path?.display),
        ]
    }
}
