internal import ShelfBase

extension CivitaiReference {
    /// Longest text that is looked at, in bytes; nothing that people paste to name a model is longer.
    static let maximumLength = 8192

    /// What the text names, or nil when that is nothing on Civitai. Takes page and API addresses of Civitai and its
    /// sister sites, AIR names, `civitai: M @ V`, `model:ID`, `version:ID`, hashes and bare numbers. Any text may be
    /// given; a key in an address is neither kept nor shown.
    ///
    /// - Parameter base: where the service is asked; its addresses count as the site's, as it writes them into its
    ///   answers. Nil: as the environment says.
    public static func parse(_ text: String, base: HTTPURL? = nil) -> CivitaiReference? {
        guard text.utf8.count <= maximumLength else { return nil }
        let trimmed = trim(text[...])
        guard !trimmed.isEmpty else { return nil }
        let lower = trimmed.lowercased()
        if let reference = AIR.parse(trimmed)?.reference { return reference }
        if let reference = keyword(lower) { return reference }
        if let reference = bare(lower) { return reference }
        if let reference = address(trimmed, unwrapping: 2) { return reference }
        let plain = plain(trimmed)
        if let reference = address(plain[...], unwrapping: 2) { return reference }
        return ofBase(plain, base)
    }

    /// An address on the configured service, be it a gateway or a server on this machine.
    private static func ofBase(_ text: String, _ base: HTTPURL?) -> CivitaiReference? {
        guard let base = base ?? CivitaiConfiguration.environmentBase, let url = HTTPURL(text),
            url.origin == base.origin
        else { return nil }
        let folder = base.target == "/" ? "" : base.target
        guard url.target.hasPrefix(folder + "/") else { return nil }
        return address(
            (CivitaiConfiguration.publicOrigin + String(url.target.dropFirst(folder.count)))[...], unwrapping: 2)
    }

    /// The address without what editors and shells put into it: `[Name](https://…)`, `https://…\?modelVersionId\=1`.
    private static func plain(_ text: Substring) -> String {
        var text = text
        if text.first == "[", let close = text.firstIndex(of: "]"), text[close...].hasPrefix("](") {
            text = text[close...].dropFirst(2)
        }
        return String(trim(text)).filter { $0 != "\\" }
    }

    /// `model:1`, `version: 2`, `civitai: 1 @ 2`, `sha256:…`
    private static func keyword(_ text: String) -> CivitaiReference? {
        guard let colon = text.firstIndex(of: ":") else { return nil }
        let word = trim(text[..<colon])
        let value = trim(text[text.index(after: colon)...])
        switch word {
        case "model", "modelid", "model_id": return id(value).map { CivitaiReference(modelID: $0) }
        case "version", "versionid", "version_id", "modelversionid":
            return id(value).map { CivitaiReference(versionID: $0) }
        case "civitai": return pair(value)
        case "sha256", "autov1", "autov2", "autov3", "blake3", "crc32", "hash":
            return hash(value).map { CivitaiReference(hash: $0) }
        default: return nil
        }
    }

    /// A number, `M@V`, or a hash on its own.
    private static func bare(_ text: String) -> CivitaiReference? {
        if text.contains("@"), let reference = pair(text[...]) { return reference }
        let number = text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) ? id(text[...]) : nil
        let hash = hash(text[...])
        guard number != nil || hash != nil else { return nil }
        // Eight digits may be either; whoever asks tries both.
        return CivitaiReference(hash: hash, number: number)
    }

    /// `M`, `M@V`, with blanks anywhere.
    static func pair(_ text: some StringProtocol) -> CivitaiReference? {
        let parts = text.split(separator: "@", maxSplits: 1, omittingEmptySubsequences: false).map {
            trim(Substring($0))
        }
        guard let first = parts.first, let model = id(first) else { return nil }
        guard parts.count == 2 else { return CivitaiReference(modelID: model) }
        guard let version = parts.last.flatMap({ id($0) }) else { return nil }
        return CivitaiReference(modelID: model, versionID: version)
    }

    /// An id as the service counts them: 1 to 2^31-1.
    static func id(_ text: some StringProtocol) -> Int64? {
        guard !text.isEmpty, text.utf8.count <= 19, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            let number = Int64(text), number > 0, number <= Int64(Int32.max)
        else { return nil }
        return number
    }

    static func hash(_ text: some StringProtocol) -> String? {
        guard [8, 10, 12, 64].contains(text.utf8.count), Hex.isHex(String(text)) else { return nil }
        return text.lowercased()
    }

    /// Without blanks, and without the quotes, brackets and full stops that come along when a link is copied out of a
    /// text.
    static func trim(_ text: Substring) -> Substring {
        let isWrapping: (Character) -> Bool = { $0.isWhitespace || "\"'<>`()".contains($0) || $0 == "\u{feff}" }
        let start = text.drop(while: isWrapping)
        guard let end = start.lastIndex(where: { !isWrapping($0) && !".,;:!".contains($0) }) else { return "" }
        return start[...end]
    }
}
