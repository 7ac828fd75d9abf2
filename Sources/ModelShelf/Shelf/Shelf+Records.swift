public import ShelfBase
internal import ShelfIdentify
internal import ShelfStore

extension Shelf {
    /// The record of a path, a name, a hash, a Civitai URL or AIR, `model:ID` or `version:ID`.
    public func record(_ what: FilePath) throws(ShelfError) -> ModelRecord {
        try checkUse()
        return try store.read { (connection) throws(ShelfError) in
            try Self.record(try FileResolver(connection).one(what), connection)
        }
    }

    public func list(_ filter: ModelFilter = ModelFilter()) throws(ShelfError) -> ModelPage {
        try page(nil, filter)
    }

    /// Full-text search over names, words, tags, descriptions and notes. Every word must occur, at least as a prefix.
    public func search(_ text: String, _ filter: ModelFilter = ModelFilter()) throws(ShelfError) -> ModelPage {
        try page(text, filter)
    }

    private func page(_ text: String?, _ filter: ModelFilter) throws(ShelfError) -> ModelPage {
        try checkUse()
        var query = ListingQuery()
        query.text = text
        query.type = try filter.type.map(Self.typeName)
        query.baseModel = filter.baseModel
        query.tag = filter.tag
        query.isMissingMetadata = filter.missingMetadata
        query.isFavorite = filter.favorite
        query.limit = filter.limit
        query.offset = max(0, filter.offset)
        query.sort =
            switch filter.sort {
            case .name: .name
            case .size: .size
            case .modified: .modified
            case .added: .added
            case .type: .type
            case .baseModel: .baseModel
            }
        return try store.read { (connection) throws(ShelfError) in
            let (locations, total) = try connection.list(query)
            let maker = try RecordMaker(connection)
            let records = try locations.compacted { (id) throws(ShelfError) in try maker.record(location: id) }
            return ModelPage(models: records, total: total)
        }
    }

    static func record(_ file: KnownFile, _ connection: Connection) throws(ShelfError) -> ModelRecord {
        guard let record = try RecordMaker(connection).record(file) else {
            throw ShelfError(.internalError, "the record of a known file is not there")
        }
        return record
    }

    /// Civitai's spelling of a type that was given under any of its names.
    static func typeName(_ alias: String) throws(ShelfError) -> String {
        guard let type = ModelType(alias: alias) else {
            throw ShelfError(
                .usage, "unknown model type: \(alias)",
                hint: "one of: \(ModelType.allCases.map(\.rawValue).joined(separator: " "))")
        }
        return type.rawValue
    }
}
