public import ShelfBase
internal import ShelfCivitai
internal import ShelfStore

extension Shelf {
    /// Records what the user says; gives the record after it.
    public func update(_ what: FilePath, _ edits: [UserEdit]) throws(ShelfError) -> ModelRecord {
        try checkUse()
        return try store.write { (connection) throws(ShelfError) in
            let file = try FileResolver(connection).one(what)
            for edit in edits { try Self.apply(edit, to: file.content, connection) }
            try ListingMaker.refresh(content: file.content, connection)
            return try Self.record(file, connection)
        }
    }

    private static func apply(_ edit: UserEdit, to content: Int64, _ connection: Connection) throws(ShelfError) {
        func say(_ field: String, _ value: JSONValue?) throws(ShelfError) {
            try connection.say(content: content, source: "user", field: field, value)
        }
        func tags() throws(ShelfError) -> [String] {
            try connection.statements(content: content).first { $0.source == "user" && $0.field == "tags" }?
                .value.array?.compactMap(\.string) ?? []
        }
        switch edit {
        case .notes(let text): try say("notes", text.isEmpty ? nil : .string(text))
        case .favorite(let flag): try say("favorite", flag ? .bool(true) : nil)
        case .tags(let list): try say("tags", list.isEmpty ? nil : .strings(distinct(list)))
        case .addTag(let tag): try say("tags", .strings(distinct(try tags() + [tag])))
        case .removeTag(let tag):
            let left = try tags().filter { $0.lowercased() != tag.lowercased() }
            try say("tags", left.isEmpty ? nil : .strings(left))
        case .field("type", .some(.string(let alias))): try say("type", .string(try typeName(alias)))
        case .field("tags", .some(.array(let list))): try say("tags", .strings(distinct(list.compactMap(\.string))))
        case .field("trigger_words", .some(let value)):
            guard value.array?.allSatisfy({ $0.string != nil }) == true else {
                throw ShelfError(.usage, "trigger_words must be a list of texts")
            }
            try say("trigger_words", value)
        case .field("name", .some(let value)), .field("base_model", .some(let value)):
            guard value.string != nil else { throw ShelfError(.usage, "a name is a text") }
            guard case .field(let field, _) = edit else { return }
            try say(field, value)
        case .field(let field, let value):
            guard !field.isEmpty, field.utf8.count <= 256 else { throw ShelfError(.usage, "not a name for a field") }
            try say(field, value == .null ? nil : value)
        }
    }

    /// Each tag once, whatever its case, without blanks around it.
    private static func distinct(_ tags: [String]) -> [String] {
        var seen: Set<String> = []
        return tags.map { tag in
            String(tag.drop { $0.isWhitespace }.reversed().drop { $0.isWhitespace }.reversed())
        }.filter { !$0.isEmpty && seen.insert($0.lowercased()).inserted }
    }

    /// Corrects a wrong match for good. `version` nil takes the model's default version.
    public func link(_ what: FilePath, model: Int64, version: Int64?) throws(ShelfError) -> ModelRecord {
        try checkUse()
        let file = try store.read { (connection) throws(ShelfError) in try FileResolver(connection).one(what) }
        guard let found = try lookups.client.models(ids: [model]).first else {
            throw ShelfError(.notFound, "Civitai has no model \(model)")
        }
        guard let chosen = version.map({ found.version($0) }) ?? found.versions.first else {
            throw ShelfError(
                .notFound, "model \(model) has no version \(version.map(String.init) ?? "")",
                candidates: found.versions.prefix(20).map { "\(model)@\($0.id) \($0.name ?? "")" })
        }
        return try store.write { (connection) throws(ShelfError) in
            let sha256 = try connection.content(file.content)?.digests.sha256.map { Hex.encode($0) }
            try RemoteWriter.found(
                content: file.content, VersionChoice.Candidate(model: found, version: chosen), matchedBy: "user",
                hash: sha256, isPinned: true, lookups.client.configuration, connection)
            return try Self.record(file, connection)
        }
    }

    /// Takes a match away for good.
    public func unlink(_ what: FilePath) throws(ShelfError) -> ModelRecord {
        try checkUse()
        return try store.write { (connection) throws(ShelfError) in
            let file = try FileResolver(connection).one(what)
            let now = Clock.wallMilliseconds()
            let record = RemoteRecord(
                status: .notFound, model: nil, version: nil, file: nil, matchedBy: "user", summary: nil,
                isPinned: true, attempts: 0, checkedAt: now, problem: nil)
            try connection.setRemote(content: file.content, record, due: .max)
            try ListingMaker.refresh(content: file.content, connection)
            return try Self.record(file, connection)
        }
    }
}
