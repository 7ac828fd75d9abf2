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
        func say(tags: [String]) throws(ShelfError) {
            let tags = distinct(tags)
            try say("tags", tags.isEmpty ? nil : .strings(tags))
        }
        switch edit {
        case .notes(let text): try say("notes", text.isEmpty ? nil : .string(text))
        case .favorite(let flag): try say("favorite", flag ? .bool(true) : nil)
        case .tags(let list): try say(tags: list)
        case .addTag(let tag): try say(tags: try tags() + [tag])
        case .removeTag(let tag): try say(tags: try tags().filter { $0.lowercased() != tag.lowercased() })
        case .field(let field, let value):
            guard !field.isEmpty, field.utf8.count <= 256 else { throw ShelfError(.usage, "not a name for a field") }
            guard let value, !value.isNull else { return try say(field, nil) }
            switch field {
            case "notes": try apply(.notes(try text(value, of: field)), to: content, connection)
            case "favorite":
                guard let flag = value.bool else { throw ShelfError(.usage, "favorite must be true or false") }
                try apply(.favorite(flag), to: content, connection)
            case "tags": try say(tags: try texts(value, of: field))
            case "trigger_words": try say(field, .strings(try texts(value, of: field)))
            case "type": try say(field, .string(try typeName(try text(value, of: field))))
            case "name", "base_model", "architecture": try say(field, .string(try text(value, of: field)))
            default: try say(field, value)
            }
        }
    }

    private static func text(_ value: JSONValue, of field: String) throws(ShelfError) -> String {
        guard let text = value.string else { throw ShelfError(.usage, "\(field) must be a text") }
        return text
    }

    private static func texts(_ value: JSONValue, of field: String) throws(ShelfError) -> [String] {
        let texts = value.array?.compactMap(\.string)
        guard let texts, texts.count == value.array?.count else {
            throw ShelfError(.usage, "\(field) must be a list of texts")
        }
        return texts
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
