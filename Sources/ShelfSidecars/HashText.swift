internal import ShelfBase

/// The text of the key `hash`: a short hash or a place on Civitai, in the one spelling that readers compare with.
public enum HashText {
    /// `AUTOV2:x` as `AUTOV2: X`, `civitai:M@V` as `civitai: M@V`; of anything else the surrounding blanks go.
    public static func normalised(_ text: String) -> String {
        let text = text.trimmed
        guard let colon = text.firstIndex(of: ":") else { return text }
        let kind = String(text[..<colon]).trimmed.lowercased()
        let rest = String(text[text.index(after: colon)...]).trimmed
        switch kind {
        case "autov2": return rest.isEmpty ? text : "AUTOV2: \(rest.uppercased())"
        case "civitai":
            let parts = rest.split(separator: "@", omittingEmptySubsequences: false).map { String($0).trimmed }
            guard (1...2).contains(parts.count), parts.allSatisfy(isNumber) else { return text }
            return "civitai: \(parts.joined(separator: "@"))"
        default: return text
        }
    }

    private static func isNumber(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    }
}
