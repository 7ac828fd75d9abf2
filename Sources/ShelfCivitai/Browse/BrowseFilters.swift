internal import ShelfBase

/// The one table of filters: which the service knows for what, and how it must be asked so that they work.
///
/// The service drops some filters without a word and answers others with an error whatever their value. Those are
/// refused here, or done here, so that an answer is never one to another question.
enum BrowseFilters {
    enum Rule: Sendable {
        case text
        case number
        /// One of these words, in any case.
        case word([String])
        /// The parameter is repeated for each value; the words, if any, are those that it takes.
        case repeated([String])
        /// The same, but the service takes a single value for no list.
        case repeatedTwice([String])
        /// Values in one parameter, with commas between.
        case list
        /// True or false.
        case bool
        /// The service takes any value for true: sent only when it is.
        case flag
        /// How adult: a set of bits, or a word.
        case level
        /// Done here, by a member of the items.
        case own(String)
        /// Not to be had, and why.
        case refused(String)
    }

    struct Filter: Sendable {
        let kind: BrowseKind
        /// The service's name.
        let name: String
        let rule: Rule

        init(_ kind: BrowseKind, _ name: String, _ rule: Rule) {
            self.kind = kind
            self.name = name
            self.rule = rule
        }
    }

    private static let periods = ["Day", "Week", "Month", "Year", "AllTime"]
    private static let noPages = "the service ignores pages: results are streamed from the first to the last, see limit"
    private static let always400 = "the service refuses it whatever its value"

    static let table: [Filter] = [
        Filter(.models, "query", .text), Filter(.models, "tag", .text), Filter(.models, "username", .text),
        Filter(.models, "types", .repeated([])), Filter(.models, "baseModels", .repeated([])),
        Filter(.models, "checkpointType", .word(["Trained", "Merge"])),
        Filter(
            .models, "sort",
            .word([
                "Highest Rated", "Most Downloaded", "Most Liked", "Most Discussed", "Most Collected", "Most Images",
                "Newest", "Oldest",
            ])),
        Filter(.models, "period", .word(periods)), Filter(.models, "periodMode", .word(["stats", "published"])),
        Filter(.models, "nsfw", .level), Filter(.models, "ids", .list), Filter(.models, "modelVersionIds", .list),
        Filter(.models, "primaryFileOnly", .bool), Filter(.models, "favorites", .flag),
        Filter(.models, "hidden", .flag), Filter(.models, "supportsGeneration", .flag),
        Filter(.models, "fromPlatform", .flag), Filter(.models, "earlyAccess", .flag),
        Filter(.models, "archived", .flag), Filter(.models, "followed", .flag), Filter(.models, "newCreators", .bool),
        Filter(.models, "availability", .word(["Public", "Unsearchable", "Private", "EarlyAccess"])),
        Filter(.models, "allowCommercialUse", .repeated(["None", "Image", "RentCivit", "Rent", "Sell"])),
        Filter(
            .models, "fileFormats",
            .repeatedTwice(["SafeTensor", "PickleTensor", "GGUF", "Diffusers", "Core ML", "ONNX", "Other"])),
        Filter(.models, "allowNoCredit", .own("allowNoCredit")),
        Filter(.models, "allowDerivatives", .own("allowDerivatives")),
        Filter(.models, "allowDifferentLicense", .own("allowDifferentLicense")),
        Filter(.models, "page", .refused(noPages)), Filter(.models, "cursor", .refused(noPages)),
        Filter(.models, "rating", .refused("the service ignores it; sort by Highest Rated instead")),
        Filter(.models, "status", .refused("the service ignores it: only published models are shown")),
        Filter(.models, "collectionId", .refused(always400)), Filter(.models, "isFeatured", .refused(always400)),
        Filter(.models, "pending", .refused(always400)), Filter(.models, "disablePoi", .refused(always400)),
        Filter(.models, "disableMinor", .refused(always400)), Filter(.models, "excludedIds", .refused(always400)),
        Filter(.models, "excludedTagIds", .refused(always400)),
        Filter(.models, "excludedUserIds", .refused(always400)),
        Filter(.models, "needsReview", .refused("the service keeps it for moderators")),

        Filter(.images, "postId", .number), Filter(.images, "modelId", .number),
        Filter(.images, "modelVersionId", .number), Filter(.images, "imageId", .number),
        Filter(.images, "userId", .number), Filter(.images, "username", .text),
        Filter(.images, "period", .word(periods)),
        Filter(
            .images, "sort",
            .word(["Most Reactions", "Most Comments", "Most Collected", "Newest", "Oldest", "Random"])),
        Filter(.images, "nsfw", .level), Filter(.images, "tags", .list),
        Filter(.images, "type", .word(["image", "video", "audio"])), Filter(.images, "baseModels", .list),
        Filter(.images, "withMeta", .bool), Filter(.images, "requiringMeta", .bool), Filter(.images, "withTags", .bool),
        Filter(.images, "page", .refused(noPages)), Filter(.images, "cursor", .refused(noPages)),
        Filter(.images, "query", .refused("the service ignores it: pictures are found by model, user or tag")),

        Filter(.tags, "query", .text), Filter(.creators, "query", .text),
        Filter(.tags, "page", .refused(noPages)), Filter(.creators, "page", .refused(noPages)),
    ]

    /// Names that people use for the same.
    private static let aliases: [String: String] = [
        "tagname": "tag", "user": "username", "type": "types", "basemodel": "basemodels", "level": "nsfw",
        "browsinglevel": "nsfw", "nsfwlevel": "nsfw", "maxlevel": "nsfw", "versionid": "modelversionid", "id": "ids",
        "versionids": "modelversionids", "flatmeta": "withmeta", "model": "modelid", "favourites": "favorites",
    ]

    /// The row of a name, which may be written as the service, the command line or Python writes it.
    static func find(_ kind: BrowseKind, _ name: String) throws(ShelfError) -> Filter {
        let wanted = plain(name)
        let rows = table.filter { $0.kind == kind }
        if let row = rows.first(where: { plain($0.name) == wanted }) { return row }
        if let alias = aliases[wanted], let row = rows.first(where: { plain($0.name) == alias }) { return row }
        let known = rows.compactMap { row -> String? in
            if case .refused = row.rule { nil } else { row.name }
        }
        throw ShelfError(
            .usage, "\(kind.rawValue) cannot be filtered by \(name)", hint: "known are: \(known.joined(separator: " "))"
        )
    }

    static func plain(_ name: String) -> String { name.lowercased().filter { $0 != "-" && $0 != "_" && $0 != " " } }
}
