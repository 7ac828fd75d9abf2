/// The text of the key `hash`: a short hash or a place on Civitai, in the one spelling that readers compare with.
public enum HashText {
    /// `AUTOV2:x` as `AUTOV2: X`, `civitai:M@V` as `civitai: M@V`; of anything else the surrounding blanks go.
    public static func normalised(_ text: String) -> String {
        let text = trimmed(text)
        guard let colon = text.firstIndex(of: ":") else { return text }
        let kind = trimmed(String(text[..<colon])).lowercased()
        let rest = trimmed(String(text[text.index(after: colon)...]))
        switch kind {
        case "autov2": return rest.isEmpty ? text : "AUTOV2: \(rest.uppercased())"
        case "civitai":
            let parts = rest.split(separator: "@", omittingEmptySubsequences: false).map { trimmed(String($0)) }
            guard (1...2).contains(parts.count), parts.allSatisfy(isNumber) else { return text }
            return "civitai: \(parts.joined(separator: "@"))"
        default: return text
        }
    }

    private static func isNumber(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    }

    private static func trimmed(_ text: String) -> String {
        let start = text.drop { $0.isWhitespace }
        return String(start.reversed().drop { $0.isWhitespace }.reversed())
    }
}
