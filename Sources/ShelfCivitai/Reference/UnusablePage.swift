/// Addresses that people take for a model's although no model can be told from them, in words that help on.
public enum UnusablePage {
    /// What is wrong with the address and what to do; nil when nothing is known of it.
    public static func words(_ text: String) -> (message: String, hint: String)? {
        guard text.utf8.count <= CivitaiReference.maximumLength,
            let parts = AddressParts(CivitaiReference.trim(text[...]))
        else { return nil }
        if parts.host == "b2.civitai.com" || parts.host.hasSuffix(".r2.cloudflarestorage.com")
            || parts.host.hasSuffix(".backblazeb2.com")
        {
            return (
                "an address of the storage does not tell which model it is, and lasts for hours only",
                "take the address of the model's page or of its download button"
            )
        }
        if parts.host == "image.civitai.com" {
            return (
                "the address of this picture does not tell its number",
                "take the address of the picture's page, with /images/ in it"
            )
        }
        guard CivitaiReference.hosts.contains(parts.host), let kind = parts.path.first else { return nil }
        let name = parts.path.dropFirst().first
        switch kind {
        case "user": return ("the page is a person's and no model's", browse("username", name))
        case "tag": return ("the page is a tag's and no model's", browse("tag", name))
        case "collections", "articles", "bounties", "3d-models", "comics", "challenges":
            return (
                "the service does not tell which models a page of /\(kind) is about",
                "open it and take the address of a model's page"
            )
        default: return nil
        }
    }

    private static func browse(_ filter: String, _ name: String?) -> String {
        let isPlain = name?.utf8.allSatisfy { byte in
            (0x30...0x39).contains(byte) || (0x61...0x7a).contains(byte) || byte == UInt8(ascii: "_")
                || byte == UInt8(ascii: "-")
        }
        let word = (isPlain ?? false) ? name ?? "NAME" : "NAME"
        return "list the models with: modelshelf browse models --\(filter) \(word)"
    }
}
