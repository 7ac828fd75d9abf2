public import ShelfBase

/// A model on Civitai, with its versions in the creator's order: the first is the one the page shows.
public struct CivitaiModel: Sendable, Equatable {
    public let id: Int64
    public let name: String?
    /// HTML of the creator's, not to be trusted.
    public let description: String?
    /// A ModelType such as `LORA`; the list is open.
    public let type: String?
    public let nsfw: Bool
    public let nsfwLevel: Int64?
    /// `Archived` or `TakenDown`, else nil.
    public let mode: String?
    public let availability: String?
    public let creator: String?
    public let tags: [String]
    public let license: CivitaiLicense
    public let versions: [CivitaiVersion]
    /// What the service sent.
    public let raw: JSONValue

    /// Nil when the value is not an object with an id.
    public init?(_ json: JSONValue) {
        let fields = Fields(json: json)
        guard let id = fields.id("id") else { return nil }
        self.id = id
        name = fields.name("name")
        description = fields.string("description")
        type = fields.name("type")
        nsfw = fields.bool("nsfw") ?? false
        nsfwLevel = NSFWLevel.bits(json["nsfwLevel"])
        mode = fields.name("mode")
        availability = fields.name("availability")
        creator = json["creator"]?.string ?? json["creator"].flatMap { Fields(json: $0).name("username") }
        // An older form of the API sent objects in place of words.
        tags = json["tags"]?.array?.compactMap { $0.string ?? $0["name"]?.string } ?? []
        license = CivitaiLicense(json)
        versions = fields.objects("modelVersions").compactMap { CivitaiVersion($0, modelID: id) }
        raw = json
    }

    /// The version with this id, if it is shown.
    public func version(_ id: Int64) -> CivitaiVersion? { versions.first { $0.id == id } }
}

/// What the creator allows.
public struct CivitaiLicense: Sendable, Equatable {
    public let allowNoCredit: Bool?
    /// `None`, `Image`, `RentCivit`, `Rent`, `Sell`; the list is open.
    public let allowCommercialUse: [String]
    public let allowDerivatives: Bool?
    public let allowDifferentLicense: Bool?

    init(_ json: JSONValue) {
        let fields = Fields(json: json)
        allowNoCredit = fields.bool("allowNoCredit")
        allowCommercialUse = fields.postgresList("allowCommercialUse")
        allowDerivatives = fields.bool("allowDerivatives")
        allowDifferentLicense = fields.bool("allowDifferentLicense")
    }
}
