public import ShelfBase

/// One version of a model on Civitai.
public struct CivitaiVersion: Sendable, Equatable {
    public let id: Int64
    /// Given by the route, or by the model that holds the version.
    public let modelID: Int64?
    public let name: String?
    /// Civitai's name of what it was made for, such as `SDXL 1.0`; the list is open.
    public let baseModel: String?
    public let baseModelType: String?
    /// HTML of the creator's, not to be trusted.
    public let description: String?
    /// As the creator wrote them: may hold blanks, commas and empty texts.
    public let trainedWords: [String]
    public let nsfwLevel: Int64?
    public let status: String?
    public let availability: String?
    /// Milliseconds since 1970.
    public let publishedAt: Int64?
    public let createdAt: Int64?
    public let updatedAt: Int64?
    /// Milliseconds since 1970 at which paid access ends; nil when there is none or it has no end.
    public let paidAccessEndsAt: Int64?
    public let isPaid: Bool
    public let air: String?
    /// The little that a version tells about its model.
    public let modelName: String?
    public let modelType: String?
    public let modelMode: String?
    public let files: [CivitaiFile]
    public let images: [CivitaiImage]
    /// What the service sent.
    public let raw: JSONValue

    /// Nil when the value is not an object with an id.
    public init?(_ json: JSONValue, modelID: Int64? = nil) {
        let fields = Fields(json: json)
        guard let id = fields.id("id") else { return nil }
        let model = Fields(json: json["model"] ?? .null)
        self.id = id
        self.modelID = fields.id("modelId") ?? model.id("id") ?? modelID
        name = fields.name("name")
        baseModel = fields.name("baseModel")
        baseModelType = fields.name("baseModelType")
        description = fields.string("description")
        trainedWords = fields.strings("trainedWords")
        nsfwLevel = NSFWLevel.bits(json["nsfwLevel"])
        status = fields.name("status")
        availability = fields.name("availability")
        publishedAt = fields.time("publishedAt")
        createdAt = fields.time("createdAt")
        updatedAt = fields.time("updatedAt")
        let paid = Fields(json: json["paidAccess"] ?? .null)
        paidAccessEndsAt = paid.time("endsAt") ?? fields.time("earlyAccessDeadline") ?? fields.time("earlyAccessEndsAt")
        isPaid = paid.json.object != nil
        air = fields.name("air")
        modelName = model.name("name")
        modelType = model.name("type")
        modelMode = model.name("mode")
        files = fields.objects("files").compactMap { CivitaiFile($0) }
        images = fields.objects("images").compactMap { CivitaiImage($0) }
        raw = json
    }

    /// The file that a digest of any kind names.
    public func file(hash: String) -> CivitaiFile? { files.first { $0.has(hash: hash) } }

    /// The file that a plain download gives: the one marked, else the first.
    public var primaryFile: CivitaiFile? { files.first { $0.isPrimary } ?? files.first }
}
