internal import ShelfBase
internal import ShelfStore

/// All that the store knows of one content, and the values that win.
struct Knowledge {
    let id: Int64
    let header: JSONObject
    let remote: RemoteRecord?
    let said: [SaidValue]

    /// - Parameter header: what was read from the header, as it is in ``Content/header``.
    init(content id: Int64, header: JSONObject, _ connection: Connection) throws(ShelfError) {
        self.id = id
        self.header = header
        remote = try connection.remote(content: id)
        said = try connection.statements(content: id)
    }

    /// The winning value of a field of the record, and who said it.
    func value(_ field: String, fileName: FilePath) -> (value: JSONValue, source: Precedence.Source)? {
        var values: [Precedence.Source: JSONValue?] = [:]
        for item in said where item.field == field {
            if let source = Precedence.Source(rawValue: item.source) { values[source] = item.value }
        }
        values[.civitai] = civitai(field)
        values[.header] = header(field)
        // Both words fit a file with the diffusion model alone; people look for it where Civitai has it.
        if field == "type", values[.header] == .string("UNet"), values[.civitai] == .string("Checkpoint") {
            values[.header] = .null
        }
        if field == "name" { values[.name] = .string(fileName.stem.display) }
        return Precedence.choose(field, values)
    }

    /// What the user said of a field; nil when nothing.
    func userValue(_ field: String) -> JSONValue? {
        said.first { $0.source == Precedence.Source.user.rawValue && $0.field == field }?.value
    }

    /// What somebody edited, here or in a sidecar: tags, notes, the mark of a favourite.
    func edited(_ field: String) -> JSONValue? {
        userValue(field) ?? said.first { $0.source == Precedence.Source.sidecar.rawValue && $0.field == field }?.value
    }

    var tags: [String] {
        let own = edited("tags")?.array?.compactMap(\.string) ?? []
        let remote = self.remote?.summary?["tags"]?.array?.compactMap(\.string) ?? []
        return own + remote.filter { !own.contains($0) }
    }

    /// Civitai's, as it came (HTML); else a sidecar's.
    var description: String? { remote?.summary?["description"]?.string ?? edited("description")?.string }

    private func civitai(_ field: String) -> JSONValue? {
        guard let summary = remote?.summary else { return nil }
        let key = ["name": "model_name", "trigger_words": "trained_words"][field] ?? field
        return ["name", "type", "base_model", "trigger_words"].contains(field) ? summary[key] : nil
    }

    private func header(_ field: String) -> JSONValue? {
        field == "name" ? header["title"] : header[field]
    }
}
