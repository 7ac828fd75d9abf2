/// The name that we go by.
public enum UserAgent {
    /// Civitai treats a client whose name contains one of these, in any case and anywhere, as a browser: it gets login
    /// pages and plain text in place of JSON.
    static let browserWords = ["mozilla", "chrome", "safari", "firefox", "opera", "edge"]

    /// `modelshelf/VERSION (+address)`
    public static func text(version: String) -> String {
        let text = "modelshelf/\(version) (+https://github.com/modelshelf)"
        return isPlain(text) ? text : "modelshelf (+https://github.com/modelshelf)"
    }

    /// Whether the text can be sent and is not taken for a browser's.
    static func isPlain(_ text: String) -> Bool {
        let lower = text.lowercased()
        return text.utf8.allSatisfy { $0 >= 0x20 && $0 < 0x7f } && !browserWords.contains { lower.contains($0) }
    }
}
