/// What somebody pasted that names something on Civitai.
public struct CivitaiReference: Sendable, Equatable {
    public var modelID: Int64?
    public var versionID: Int64?
    public var fileID: Int64?
    /// The file of the version, where an address describes it in place of naming its id.
    public var file: FileWish?
    /// 8, 10, 12 or 64 hexadecimal digits in lower case.
    public var hash: String?
    public var imageID: Int64?
    public var postID: Int64?
    /// A number on its own, which may be a model or a version.
    public var number: Int64?

    public init(
        modelID: Int64? = nil, versionID: Int64? = nil, fileID: Int64? = nil, file: FileWish? = nil,
        hash: String? = nil, imageID: Int64? = nil, postID: Int64? = nil, number: Int64? = nil
    ) {
        self.modelID = modelID
        self.versionID = versionID
        self.fileID = fileID
        self.file = file
        self.hash = hash
        self.imageID = imageID
        self.postID = postID
        self.number = number
    }

    /// Hosts whose pages and API are Civitai's.
    static let hosts: Set<String> = [
        "civitai.com", "www.civitai.com", "civitai.red", "www.civitai.red", "civitaired.com", "www.civitaired.com",
        "civitai.green", "www.civitai.green", "civitai.blue", "www.civitai.blue", "api.civitai.com",
    ]

    /// Whether pages for people are on this host (given in lower case).
    static func isPageHost(_ host: String) -> Bool { hosts.contains(host) && host != "api.civitai.com" }
}
