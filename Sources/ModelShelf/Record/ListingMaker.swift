internal import ShelfBase
internal import ShelfStore

/// Keeps what lists and searches go by in step with what is known.
enum ListingMaker {
    /// Derives the rows of every file of a content anew.
    static func refresh(content: Int64, _ connection: Connection) throws(ShelfError) {
        guard let header = try connection.content(content)?.header else { return }
        let knowledge = try Knowledge(content: content, header: header, connection)
        for file in try connection.knownFiles(content: content) { try write(file.id, file.path, knowledge, connection) }
    }

    /// The same for one file, which alone was touched.
    static func refresh(_ file: KnownFile, content: Int64, _ connection: Connection) throws(ShelfError) {
        guard let listing = try listing(file, content: content, header: nil, connection) else { return }
        try connection.setListing(location: file.id, content: content, path: file.path, listing)
    }

    /// What lists show of a file, whose header may be at hand.
    static func listing(
        _ file: KnownFile, content: Int64, header: JSONObject?, _ connection: Connection
    ) throws(ShelfError) -> Listing? {
        var header = header
        if header == nil { header = try connection.content(content)?.header }
        guard let header else { return nil }
        return listing(file.path, try Knowledge(content: content, header: header, connection))
    }

    private static func write(
        _ location: Int64, _ path: FilePath, _ knowledge: Knowledge, _ connection: Connection
    ) throws(ShelfError) {
        try connection.setListing(
            location: location, content: knowledge.id, path: path, listing(path, knowledge))
    }

    private static func listing(_ path: FilePath, _ knowledge: Knowledge) -> Listing {
        func text(_ field: String) -> String? { knowledge.value(field, fileName: path)?.value.string }
        var listing = Listing(name: text("name") ?? path.stem.display)
        listing.type = text("type")
        listing.baseModel = text("base_model")
        listing.isFavorite = knowledge.edited("favorite")?.bool ?? false
        listing.words = knowledge.value("trigger_words", fileName: path)?.value.array?.compactMap(\.string) ?? []
        listing.tags = knowledge.tags
        listing.description = knowledge.description.map(PlainText.fromHTML) ?? ""
        listing.notes = knowledge.edited("notes")?.string ?? ""
        if let version = knowledge.remote?.summary?["version_name"]?.string { listing.words.append(version) }
        return listing
    }
}
