internal import ModelShelf
internal import ShelfBase

extension ScanRequest {
    init(json text: UnsafePointer<CChar>?) throws(ShelfError) {
        var options = try Options(text, "request")
        self.init(folders: try Folder.list(&options))
        lookup = try options.bool("lookup")
        hash = try options.bool("hash") ?? hash
        force = try options.bool("force") ?? force
        refresh = try options.bool("refresh") ?? refresh
        previews = try options.bool("previews")
        previewLevel = try options.text("max_level")
        sidecars = try options.texts("sidecars")
        sidecarFolder = try options.path("metadata_dir")
        jobs = try options.count("jobs").flatMap { $0 > 0 ? $0 : nil }
        isBackground = try options.bool("background") ?? isBackground
        try options.finish()
    }
}

extension ScanRequest.Folder {
    static func list(_ options: inout Options) throws(ShelfError) -> [ScanRequest.Folder] {
        guard let list = options.value("folders") else { return [] }
        guard let items = list.array else { throw Arguments.invalid("folders in request must be a list") }
        var folders: [ScanRequest.Folder] = []
        for item in items {
            let folder = try ScanRequest.Folder(json: item)
            guard !folder.path.isEmpty else { throw Arguments.invalid("a folder's name is empty") }
            folders.append(folder)
        }
        return folders
    }

    fileprivate init(json value: JSONValue) throws(ShelfError) {
        if let text = value.string {
            self.init(path: try Arguments.path(text: text, encoded: nil, "path") ?? FilePath(""))
            return
        }
        var options = try Options(value, "a folder in request")
        let text = try options.text("path")
        let bytes = try options.text("path_bytes")
        let type = try options.text("type")
        try options.finish()
        guard let path = try Arguments.path(text: text, encoded: bytes, "path") else {
            throw Arguments.invalid("a folder in request has no path")
        }
        self.init(path: path, type: type)
    }
}

extension DownloadRequest {
    init(json text: UnsafePointer<CChar>?) throws(ShelfError) {
        try self.init(json: Options.document(text, "request") ?? .object([:]), takesKey: true)
    }

    /// A key is no part of a request that is kept.
    init(json value: JSONValue, takesKey: Bool = false) throws(ShelfError) {
        var options = try Options(value, "request")
        guard let what = try options.text("what") else { throw Arguments.invalid("request has no what") }
        self.init(what, to: try options.path("to"))
        guard folder?.isEmpty != true else { throw Arguments.invalid("to in request is empty") }
        file = try options.count("file").map { Int64($0) }
        type = try options.text("type")
        previews = try options.bool("previews")
        previewLevel = try options.text("max_level")
        verify = try options.bool("verify") ?? verify
        connections = try options.count("connections")
        if takesKey { huggingFaceToken = try options.text("hf_token") }
        try options.finish()
        guard file != 0 else { throw Arguments.invalid("file in request is the id of a file") }
        guard connections != 0 else { throw Arguments.invalid("connections in request are 1 or more") }
        guard file == nil || type == nil else {
            throw Arguments.invalid("file and type in request both choose the file: give one")
        }
    }
}

extension RootSettings {
    init(json text: UnsafePointer<CChar>?) throws(ShelfError) {
        var options = try Options(text, "settings")
        self.init()
        type = try options.text("type")
        exclude = try options.texts("exclude")
        lookup = try options.bool("lookup")
        previews = try options.bool("previews")
        maximumLevel = try options.text("max_level")
        sidecars = try options.texts("sidecars")
        metadataFolder = try options.path("metadata_dir")
        jobs = try options.count("jobs")
        isDefault = try options.bool("default")
        try options.finish()
    }
}

struct PictureRequest: Sendable {
    let url: String
    let to: FilePath
    let addsEnding: Bool

    init(json text: UnsafePointer<CChar>?) throws(ShelfError) {
        var options = try Options(text, "request")
        guard let url = try options.text("url") else { throw Arguments.invalid("request has no url") }
        guard let to = try options.path("to") else { throw Arguments.invalid("request has no to") }
        self.url = url
        self.to = to
        addsEnding = try options.bool("add_ending") ?? false
        try options.finish()
    }
}

extension PreviewRequest {
    init(json text: UnsafePointer<CChar>?) throws(ShelfError) {
        var options = try Options(text, "request")
        self.init(try named(&options))
        maximumLevel = try options.text("max_level")
        width = try options.count("width")
        everyPicture = try options.bool("all") ?? everyPicture
        refresh = try options.bool("refresh") ?? refresh
        fetches = try options.bool("fetch") ?? fetches
        try options.finish()
    }
}

extension SidecarRequest {
    init(json text: UnsafePointer<CChar>?) throws(ShelfError) {
        var options = try Options(text, "request")
        self.init(try named(&options))
        formats = try options.texts("formats") ?? formats
        writes = try options.bool("write") ?? writes
        gathering = try options.path("metadata_dir")
        try options.finish()
    }
}

extension VerifyRequest {
    init(json text: UnsafePointer<CChar>?) throws(ShelfError) {
        var options = try Options(text, "request")
        self.init(try named(&options))
        adoptedOnly = try options.bool("adopted") ?? adoptedOnly
        isBackground = try options.bool("background") ?? isBackground
        jobs = try options.count("jobs").flatMap { $0 > 0 ? $0 : nil }
        try options.finish()
    }
}

/// The models of a request, as texts or as objects with `path` and `path_bytes`.
private func named(_ options: inout Options) throws(ShelfError) -> [FilePath] {
    guard let list = options.value("what") else { return [] }
    guard let items = list.array else { throw Arguments.invalid("what in request must be a list") }
    var what: [FilePath] = []
    for item in items { what.append(try ScanRequest.Folder(json: item).path) }
    return what
}

extension ModelFilter {
    init(json text: UnsafePointer<CChar>?) throws(ShelfError) {
        var options = try Options(text, "filter")
        self.init()
        type = try options.text("type")
        baseModel = try options.text("base_model")
        tag = try options.text("tag")
        missingMetadata = try options.bool("missing_metadata") ?? false
        favorite = try options.bool("favorite") ?? false
        if let name = try options.text("sort") {
            guard let order = Sort(rawValue: name) else {
                let names = Sort.allCases.map(\.rawValue).joined(separator: " ")
                throw Arguments.invalid("cannot sort by \(name); the orders are \(names)")
            }
            sort = order
        }
        limit = try options.count("limit")
        offset = try options.count("offset") ?? 0
        try options.finish()
    }
}

extension UserEdit {
    static func list(json text: UnsafePointer<CChar>?) throws(ShelfError) -> [UserEdit] {
        let name = "edits"
        guard let document = try Options.document(text, name) else { throw Arguments.invalid("edits is NULL") }
        var options = try Options(document, name)
        var edits: [UserEdit] = []
        if let value = document["notes"] {
            edits.append(.notes(try options.text("notes") ?? ""))
            if value.isNull { _ = options.value("notes") }
        }
        if let favorite = try options.bool("favorite") { edits.append(.favorite(favorite)) }
        if let tags = try options.texts("tags") { edits.append(.tags(tags)) }
        edits += (try options.texts("add_tags") ?? []).map { .addTag($0) }
        edits += (try options.texts("remove_tags") ?? []).map { .removeTag($0) }
        if let fields = options.value("fields") {
            guard let fields = fields.object else { throw Arguments.invalid("fields in edits must be an object") }
            edits += fields.members.map { .field($0.key, $0.value.isNull ? nil : $0.value) }
        }
        edits += options.takeRest().members.map { .field($0.key, $0.value.isNull ? nil : $0.value) }
        return edits
    }
}

/// How to reach Civitai; nil is what the environment says.
struct ServiceOptions: Sendable {
    let token: String?
    let baseURL: String?
    let offline: Bool?

    init(json text: UnsafePointer<CChar>?) throws(ShelfError) {
        var options = try Options(text, "options")
        token = try options.text("token")
        baseURL = try options.text("base_url")
        offline = try options.bool("offline")
        try options.finish()
    }
}

/// The texts of a JSON array.
func queries(json text: UnsafePointer<CChar>?) throws(ShelfError) -> [String] {
    guard let document = try Options.document(text, "queries") else { throw Arguments.invalid("queries is NULL") }
    guard let items = document.array else { throw Arguments.invalid("queries is not a JSON array") }
    let texts = items.compactMap(\.string)
    guard texts.count == items.count else { throw Arguments.invalid("queries must be texts") }
    return texts
}
