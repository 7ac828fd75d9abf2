public import ShelfBase

/// A question to the catalogue, checked: what is sent, and what is done here because the service would not.
public struct BrowseQuery: Sendable {
    public let kind: BrowseKind
    /// Items in all; nil for as many as there are.
    public let limit: Int?
    private(set) var parameters: [(String, String)] = []
    /// Members that an item must have with this value.
    private var wanted: [(member: String, value: Bool)] = []
    private var mask: Int64?
    private(set) var tag: String?

    /// - Parameter filters: names in any spelling, each with its values.
    /// - Throws: ``ErrorCode/usage`` for a filter that the service does not know, silently drops or always refuses.
    public init(_ kind: BrowseKind, filters: [(name: String, values: [String])], limit: Int? = nil) throws(ShelfError) {
        self.kind = kind
        self.limit = limit
        var names: Set<String> = []
        for (name, values) in filters where !values.isEmpty {
            let filter = try BrowseFilters.find(kind, name)
            guard names.insert(filter.name).inserted else {
                throw ShelfError(.usage, "\(filter.name) is given twice")
            }
            try add(filter, values.filter { !$0.isEmpty })
        }
        try checkTogether(names)
        // Without a word about it the service shows the mildest only.
        if kind == .images { parameters.append(("browsingLevel", String(mask ?? 1))) }
        if kind == .models, let mask, mask != 1 { parameters.append(("nsfw", "true")) }
    }

    /// Items in each answer.
    var pageSize: Int {
        // With filters of our own most of a page may be dropped, so that a small one would only mean more of them.
        guard let limit, wanted.isEmpty, mask == nil else { return kind.largestPage }
        return max(1, min(limit, kind.largestPage))
    }

    /// Whether an item is what was asked for, by what the service does not look at.
    func accepts(_ item: JSONValue) -> Bool {
        if kind == .models, let mask, mask != BrowseLevel.all, mask != 1,
            let level = NSFWLevel.bits(item["nsfwLevel"]), level & mask == 0
        {
            return false
        }
        return wanted.allSatisfy { item[$0.member]?.bool == $0.value }
    }

    /// Whether the item has the tag that was asked for. The service drops a tag that it does not know from the question.
    func hasTag(_ item: JSONValue) -> Bool {
        guard let tag, let tags = item["tags"]?.array else { return true }
        return tags.contains { ($0.string ?? $0["name"]?.string)?.lowercased() == tag.lowercased() }
    }

    // MARK: One filter

    private mutating func add(_ filter: BrowseFilters.Filter, _ values: [String]) throws(ShelfError) {
        func one() throws(ShelfError) -> String {
            guard values.count == 1, let value = values.first else {
                throw ShelfError(.usage, "\(filter.name) takes one value")
            }
            return value
        }
        switch filter.rule {
        case .refused(let reason): throw ShelfError(.usage, "\(filter.name) cannot be used: \(reason)")
        case .text:
            let value = try one()
            if filter.name == "username", kind == .images, !value.utf8.allSatisfy(Self.isNameByte) {
                throw ShelfError(.usage, "a user's name has only letters, digits and underscores: \(value)")
            }
            if filter.name == "tag" { tag = value }
            parameters.append((filter.name, value))
        case .number:
            let value = try one()
            guard let number = Int64(value), number > 0, number <= Int64(Int32.max) else {
                throw ShelfError(.usage, "\(filter.name) takes a number, not '\(value)'")
            }
            parameters.append((filter.name, String(number)))
        case .word(let words): parameters.append((filter.name, try Self.word(try one(), words, filter.name)))
        case .repeated(let words): try addRepeated(filter.name, values, words, least: 1)
        case .repeatedTwice(let words): try addRepeated(filter.name, values, words, least: 2)
        case .list:
            var items = values.flatMap(Self.items)
            if filter.name == "baseModels" { items = items.map(Ecosystems.spelled) }
            let areNumbers = filter.name.lowercased().hasSuffix("ids") || filter.name == "tags"
            guard !areNumbers || items.allSatisfy({ Int64($0).map { $0 > 0 } ?? false }) else {
                throw ShelfError(
                    .usage, "\(filter.name) takes numbers",
                    hint: filter.name == "tags" ? "here tags are known by their ids" : nil)
            }
            guard filter.name != "ids" || items.count <= 100 else {
                throw ShelfError(.usage, "the service takes a hundred ids at once")
            }
            parameters.append((filter.name, items.joined(separator: ",")))
        case .bool:
            let flag = try Self.flag(try one(), filter.name)
            parameters.append((filter.name, flag ? "true" : "false"))
            // Without it the data comes in one of two shapes, as the service pleases.
            if filter.name == "withMeta", flag { parameters.append(("flatMeta", "true")) }
        case .flag: if try Self.flag(try one(), filter.name) { parameters.append((filter.name, "true")) }
        case .own(let member): wanted.append((member, try Self.flag(try one(), filter.name)))
        case .level:
            let value = try one()
            guard let bits = BrowseLevel.mask(value) else {
                throw ShelfError(
                    .usage, "unknown level: \(value)",
                    hint:
                        "one of \(PreviewPolicy.names.joined(separator: " ")), None Soft Mature X, true, false, or bits"
                )
            }
            mask = bits
        }
    }

    private mutating func addRepeated(
        _ name: String, _ values: [String], _ words: [String], least: Int
    ) throws(ShelfError) {
        // With commas between, the service takes them for one unknown name.
        var items: [String] = []
        for value in values.flatMap(Self.items) {
            if name == "baseModels" {
                items.append(Ecosystems.spelled(value))
            } else {
                items.append(words.isEmpty ? value : try Self.word(value, words, name))
            }
        }
        guard let first = items.first else { throw ShelfError(.usage, "\(name) needs a value") }
        while items.count < least { items.append(first) }
        parameters += items.map { (name, $0) }
    }

    /// What stands between commas, without the blanks around it.
    private static func items(_ text: String) -> [String] {
        text.split(separator: ",").map { String($0).trimmed }.filter { !$0.isEmpty }
    }

    private func checkTogether(_ names: Set<String>) throws(ShelfError) {
        if kind == .models, names.contains("query"), names.contains("sort") {
            throw ShelfError(
                .usage, "sort cannot be used with query: the service orders what it finds by relevance",
                hint: "leave out one of them")
        }
        if kind == .models, parameters.contains(where: { $0 == ("availability", "Private") }),
            !names.contains("username")
        {
            throw ShelfError(
                .usage, "availability Private needs a username: the service shows private models of one person only",
                hint: "give username as well")
        }
        guard kind == .images else { return }
        if names.contains("modelId"), names.contains("modelVersionId") {
            throw ShelfError(.usage, "the service ignores modelId beside modelVersionId: give one")
        }
        let sort = parameters.first { $0.0 == "sort" }?.1
        if names.contains("modelId"), let sort, sort.hasPrefix("Most") {
            throw ShelfError(
                .usage, "with modelId the service sorts by Newest whatever '\(sort)' says",
                hint: "name a version with modelVersionId, or sort by Newest or Oldest")
        }
    }

    /// Whether the service looks this up in its database, where it reports a timeout as an empty answer.
    var mayTimeOutSilently: Bool {
        kind == .images && parameters.contains { $0.0 == "modelId" || $0.0 == "imageId" || $0.0 == "postId" }
    }

    private static func word(_ value: String, _ words: [String], _ name: String) throws(ShelfError) -> String {
        let wanted = BrowseFilters.plain(value)
        guard let word = words.first(where: { BrowseFilters.plain($0) == wanted }) else {
            throw ShelfError(.usage, "\(name) cannot be '\(value)'", hint: "one of: \(words.joined(separator: ", "))")
        }
        return word
    }

    private static func flag(_ value: String, _ name: String) throws(ShelfError) -> Bool {
        switch value.lowercased() {
        case "true", "yes", "on", "1": return true
        case "false", "no", "off", "0": return false
        default: throw ShelfError(.usage, "\(name) is true or false, not '\(value)'")
        }
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
            true
        default: false
        }
    }
}
