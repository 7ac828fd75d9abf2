internal import ShelfBase

extension CivitaiReference {
    /// Reads an address of Civitai's: of a page, of the API, of a picture, or of a login that leads back to one.
    /// `unwrapping` bounds how many login addresses may stand around each other.
    static func address(_ text: Substring, unwrapping: Int) -> CivitaiReference? {
        guard let parts = AddressParts(text) else { return nil }
        if parts.host == "image.civitai.com" {
            return parts.path.last.flatMap { id($0.prefix { $0 != "." }) }.map { CivitaiReference(imageID: $0) }
        }
        if let target = parts.query("returnurl") ?? parts.query("returnto"), unwrapping > 0,
            parts.host == "auth.civitai.com" || (hosts.contains(parts.host) && parts.path.first == "login")
        {
            let isRelative = target.hasPrefix("/") && !target.hasPrefix("//")
            return address((isRelative ? "https://civitai.com" + target : target)[...], unwrapping: unwrapping - 1)
        }
        guard hosts.contains(parts.host) else { return nil }
        return page(parts)
    }

    private static func page(_ parts: AddressParts) -> CivitaiReference? {
        var path = parts.path[...]
        // The site puts a language in front: `/en/models/1`, `/pt-BR/models/1`.
        if let first = path.first, first.utf8.count == 2 || (first.utf8.count == 5 && first.contains("-")) {
            path = path.dropFirst()
        }
        if path.first == "api" {
            path = path.dropFirst()
            if path.first == "v1" { path = path.dropFirst() }
        }
        guard let kind = path.popFirst() else { return nil }
        switch kind {
        case "models": return modelPage(path, parts)
        case "model-versions": return versionPage(path, parts)
        case "download": return download(path, parts)
        case "run": return path.first.flatMap { id($0) }.map { CivitaiReference(versionID: $0) }
        case "model-files": return path.first.flatMap { id($0) }.map { CivitaiReference(fileID: $0) }
        case "images", "gallery":
            let image = path.first.flatMap { id($0) } ?? parts.id("imageid")
            return image.map { CivitaiReference(imageID: $0) }
        case "posts": return path.first.flatMap { id($0) }.map { CivitaiReference(postID: $0) }
        default: return nil
        }
    }

    private static func modelPage(_ path: ArraySlice<String>, _ parts: AddressParts) -> CivitaiReference? {
        var path = path
        guard let first = path.popFirst() else {
            // The list of the API, when it asks for one model or one version.
            if let model = parts.id("ids") { return CivitaiReference(modelID: model) }
            return parts.id("modelversionids").map { CivitaiReference(versionID: $0) }
        }
        if first == "license" { return path.first.flatMap { id($0) }.map { CivitaiReference(versionID: $0) } }
        guard var reference = pair(first) else { return nil }
        if path.first == "model-versions", let version = path.dropFirst().first.flatMap({ id($0) }) {
            reference.versionID = version
        }
        if let version = parts.id("modelversionid") { reference.versionID = version }
        return reference
    }

    private static func versionPage(_ path: ArraySlice<String>, _ parts: AddressParts) -> CivitaiReference? {
        var path = path
        if path.first == "mini" { path = path.dropFirst() }
        guard let first = path.popFirst() else { return nil }
        if first == "by-hash" { return path.first.flatMap { hash($0) }.map { CivitaiReference(hash: $0) } }
        return id(first).map { CivitaiReference(versionID: $0, fileID: parts.id("modelfileid")) }
    }

    private static func download(_ path: ArraySlice<String>, _ parts: AddressParts) -> CivitaiReference? {
        guard let kind = path.first, ["models", "training-data", "training"].contains(kind),
            let name = path.dropFirst().first
        else { return nil }
        let file = parts.id("fileid")
        let wish = file == nil ? wish(kind, parts) : nil
        // `M@V` is what one server writes in place of the version.
        if name.contains("@") {
            guard var reference = pair(name) else { return nil }
            reference.fileID = file
            reference.file = wish
            return reference
        }
        return id(name).map { CivitaiReference(versionID: $0, fileID: file, file: wish) }
    }

    /// Nil when the address leaves the choice to the service.
    private static func wish(_ kind: String, _ parts: AddressParts) -> FileWish? {
        let text: (String) -> String? = { name in parts.query(name).flatMap { $0.isEmpty ? nil : $0 } }
        let wish = FileWish(
            type: kind == "training-data" ? "Training Data" : text("type"), format: text("format"),
            size: text("size"), precision: text("fp"), quantization: text("quanttype"))
        return wish == FileWish() ? nil : wish
    }
}

/// A pasted address, taken apart without demanding that it be a correct one: people paste Cyrillic slugs, blanks and
/// half an address.
struct AddressParts {
    /// Lower case, without user and port.
    let host: String
    /// Percent-decoded and in lower case, without empty parts.
    let path: [String]
    /// Names in lower case. Keys and tokens are dropped here and nowhere kept.
    private let queries: [(name: String, value: String)]

    init?(_ text: Substring) {
        var rest = text.prefix { $0 != "#" }
        if let colon = rest.firstIndex(of: ":"), rest[colon...].hasPrefix("://") {
            guard ["http", "https"].contains(rest[..<colon].lowercased()) else { return nil }
            rest = rest[colon...].dropFirst(3)
        } else if rest.hasPrefix("//") {
            rest = rest.dropFirst(2)
        }
        let authority = rest.prefix { $0 != "/" && $0 != "?" }
        // `https://civitai.com@other.example/` is an address of the other host.
        guard !authority.contains("@"), !authority.contains("\\") else { return nil }
        let name = authority.prefix { $0 != ":" }.lowercased()
        host = name.hasSuffix(".") ? String(name.dropLast()) : name
        guard host.contains(".") else { return nil }
        rest = rest.dropFirst(authority.count)
        let location = rest.prefix { $0 != "?" }
        path = location.split(separator: "/").map { PercentText.decoded($0).lowercased() }
        queries = rest.dropFirst(location.count + 1).split(separator: "&").compactMap { item in
            let name = PercentText.decoded(item.prefix { $0 != "=" }).lowercased()
            guard !["token", "key", "api_key", "apikey"].contains(name) else { return nil }
            return (name, PercentText.decoded(item.dropFirst(item.prefix { $0 != "=" }.count + 1)))
        }
    }

    func query(_ name: String) -> String? { queries.first { $0.name == name }?.value }

    /// The values of a parameter that is there several times.
    func all(_ name: String) -> [String] { queries.filter { $0.name == name }.map(\.value) }

    func id(_ name: String) -> Int64? { query(name).flatMap { CivitaiReference.id($0) } }
}
