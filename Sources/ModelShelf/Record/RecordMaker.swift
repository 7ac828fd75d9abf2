internal import ShelfBase
internal import ShelfCivitai
internal import ShelfHashing
internal import ShelfStore

/// Builds the record of a file from what the store knows.
struct RecordMaker {
    let connection: Connection
    private let roots: [Int64: Root]

    init(_ connection: Connection) throws(ShelfError) {
        self.connection = connection
        roots = Dictionary(try connection.roots().map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
    }

    func path(of file: KnownFile) -> FilePath {
        (roots[file.root]?.path ?? FilePath(bytes: [])).appending(file.path)
    }

    func record(location: Int64) throws(ShelfError) -> ModelRecord? {
        guard let file = try connection.knownFile(id: location) else { return nil }
        return try record(file)
    }

    func record(_ file: KnownFile) throws(ShelfError) -> ModelRecord? {
        guard let content = try connection.content(file.content) else { return nil }
        let knowledge = try Knowledge(content: content.id, header: content.header, connection)
        let path = path(of: file)
        let header = content.header
        var sources = JSONObject()
        func value(_ field: String) -> JSONValue {
            guard let (value, source) = knowledge.value(field, fileName: file.path) else { return .null }
            sources[field] = .string(source.rawValue)
            return value
        }
        var record: JSONObject = [
            "path": .string(path.display), "path_bytes": .optional(path.base64IfNotUTF8), "name": value("name"),
            "size": .int(file.size), "mtime": .double(Double(file.modified) / 1e9), "type": value("type"),
            "format": .optional(content.format), "architecture": value("architecture"),
            "base_model": value("base_model"), "precision": value("precision"),
        ]
        let digests = FileDigests(content)
        record["hashes"] = .object(hashes(digests))
        record["claimed_hashes"] = .object(ClaimCheck.document(header["claimed_hashes"]?.object ?? [:], digests))
        record["civitai"] = civitai(knowledge.remote)
        record["trigger_words"] = value("trigger_words") == .null ? .array([]) : value("trigger_words")
        record["training"] = header["training"]?.object.map { .object($0) } ?? .object([:])
        record["preview"] = PreviewNote(knowledge.said)?.json(model: path) ?? .null
        record["user"] = .object(user(knowledge))
        record["safety"] = header["safety"] ?? .object(["verdict": .string("unscanned"), "findings": .array([])])
        let copies = try connection.knownFiles(content: file.content).filter { $0.id != file.id && !$0.isMissing }
        record["duplicates"] = .strings(copies.map { self.path(of: $0).display })
        record["missing"] = .bool(file.isMissing)
        record["problem"] =
            file.problemCode.map {
                .object(["code": .string($0), "message": .string(file.problem ?? "")])
            } ?? .null
        record["sources"] = .object(sources)
        return ModelRecord(json: record, path: path)
    }

    private func hashes(_ digests: FileDigests) -> JSONObject {
        var hashes = JSONObject()
        for algorithm in HashAlgorithm.usual { hashes[algorithm.rawValue] = .optional(digests.text(algorithm)) }
        return hashes
    }

    /// Every key is there; an answer's own keys stand over those of "not asked yet".
    private func civitai(_ remote: RemoteRecord?) -> JSONValue {
        var civitai = CivitaiRecord(status: .pending).json()
        for (key, value) in remote?.summary?.members ?? [] { civitai[key] = value }
        civitai["status"] = .string((remote?.status ?? .pending).rawValue)
        civitai["checked_at"] = .optional(remote?.checkedAt.map(Timestamp.text(milliseconds:)))
        civitai["matched_by"] = .optional(remote?.matchedBy)
        return .object(civitai)
    }

    private static let ownFields: Set<String> = [
        "tags", "notes", "favorite", "name", "type", "base_model", "architecture", "trigger_words",
    ]

    private func user(_ knowledge: Knowledge) -> JSONObject {
        var fields = JSONObject()
        for item in knowledge.said where item.source == "user" && !Self.ownFields.contains(item.field) {
            fields[item.field] = item.value
        }
        return [
            "tags": knowledge.edited("tags") ?? .array([]), "notes": knowledge.edited("notes") ?? .string(""),
            "favorite": knowledge.edited("favorite") ?? .bool(false), "fields": .object(fields),
        ]
    }
}
