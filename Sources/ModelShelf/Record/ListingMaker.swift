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

    /// The same for one file, which alone was touched and whose header may be at hand.
    static func refresh(
        _ file: KnownFile, content: Int64, header: JSONObject?, _ connection: Connection
    ) throws(ShelfError) {
        var header = header
        if header == nil { header = try connection.content(content)?.header }
        guard let header else { return }
        let knowledge = try Knowledge(content: content, header: header, connection)
        try write(file.id, file.path, knowledge, connection)
    }

    private static func write(
        _ location: Int64, _ path: FilePath, _ knowledge: Knowledge, _ connection: Connection
    ) throws(ShelfError) {
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
        try connection.setListing(location: location, content: knowledge.id, path: path, listing)
    }
}
