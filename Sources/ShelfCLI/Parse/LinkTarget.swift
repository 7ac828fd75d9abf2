internal import ShelfBase

/// A model or version on Civitai, in any form that people paste.
enum LinkTarget: Equatable {
    case model(Int64, version: Int64?)
    /// A version whose model has to be asked for.
    case version(Int64)

    /// Reads `MODEL@VERSION`, `MODEL`, `model:ID`, `version:ID`, an AIR or a URL of Civitai; nil for anything else.
    init?(_ text: String) {
        let lower = text.lowercased()
        guard let target = Self.prefixed(lower) ?? Self.pair(lower) ?? Self.air(lower) ?? Self.url(lower) else {
            return nil
        }
        self = target
    }

    private static func prefixed(_ text: String) -> LinkTarget? {
        if text.hasPrefix("model:") { return id(text.dropFirst(6)).map { .model($0, version: nil) } }
        if text.hasPrefix("version:") { return id(text.dropFirst(8)).map { .version($0) } }
        return nil
    }

    private static func pair(_ text: some StringProtocol) -> LinkTarget? {
        let parts = text.split(separator: "@", omittingEmptySubsequences: false)
        guard let model = id(parts[0]) else { return nil }
        if parts.count == 1 { return .model(model, version: nil) }
        guard parts.count == 2, let version = id(parts[1]) else { return nil }
        return .model(model, version: version)
    }

    /// `urn:air:ECOSYSTEM:TYPE:civitai:MODEL[@VERSION][+FILE][.FORMAT]`, its beginning optional.
    private static func air(_ text: String) -> LinkTarget? {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count >= 2, parts[parts.count - 2] == "civitai", let last = parts.last else { return nil }
        return pair(last.prefix { $0.isASCII && ($0.isNumber || $0 == "@") })
    }

    private static func url(_ text: String) -> LinkTarget? {
        var rest = text[...]
        for scheme in ["https://", "http://"] where rest.hasPrefix(scheme) { rest = rest.dropFirst(scheme.count) }
        rest = rest.prefix { $0 != "#" }
        let halves = rest.split(separator: "?", maxSplits: 1)
        guard let location = halves.first else { return nil }
        var path = location.split(separator: "/").map(String.init)
        guard let host = path.first, isCivitai(host) else { return nil }
        path.removeFirst()
        let query = halves.count > 1 ? halves[1].split(separator: "&") : []
        let asked = query.first { $0.hasPrefix("modelversionid=") }.flatMap { id($0.dropFirst(15)) }
        if let index = path.firstIndex(of: "download"), path.dropFirst(index + 1).first == "models" {
            return path.dropFirst(index + 2).first.flatMap(id).map { .version($0) }
        }
        let pathVersion = path.firstIndex(of: "model-versions").flatMap { path.dropFirst($0 + 1).first }.flatMap(id)
        guard let index = path.firstIndex(of: "models"), let model = path.dropFirst(index + 1).first.flatMap(id) else {
            return pathVersion.map { .version($0) }
        }
        return .model(model, version: asked ?? pathVersion)
    }

    private static func isCivitai(_ host: String) -> Bool {
        if Environment.value("CIVITAI_BASE_URL")?.lowercased().contains("//\(host)") == true { return true }
        let labels = host.split(separator: ".")
        return labels.count >= 2 && ["civitai", "civitaired"].contains(labels[labels.count - 2])
    }

    private static func id(_ text: some StringProtocol) -> Int64? {
        guard text.utf8.allSatisfy((UInt8(ascii: "0")...UInt8(ascii: "9")).contains), let id = Int64(text), id > 0
        else {
            return nil
        }
        return id
    }
}
