internal import ShelfBase

/// Texts that name several things at once: what A1111 and its descendants write below a picture, and addresses of the
/// API's lists.
public enum PastedText {
    /// A picture's text is rarely longer than its prompts.
    private static let maximumLength = 256 << 10
    private static let maximumQueries = 1000

    /// Queries that each name one thing, each once and in the order of the text; empty when the text is no such text.
    public static func queries(in text: String) -> [String] {
        guard text.utf8.count <= maximumLength else { return [] }
        var seen: Set<String> = []
        let found = list(text) ?? generation(text)
        return Array(found.filter { seen.insert($0).inserted }.prefix(maximumQueries))
    }

    /// `https://civitai.com/api/v1/models?ids=1,2`, `…?modelVersionIds=3,4`; nil for anything else, also for one id.
    private static func list(_ text: String) -> [String]? {
        guard text.utf8.count <= CivitaiReference.maximumLength,
            let parts = AddressParts(CivitaiReference.trim(text[...])), CivitaiReference.hosts.contains(parts.host),
            parts.path.last == "models"
        else { return nil }
        for (name, word) in [("ids", "model"), ("modelversionids", "version")] {
            let ids = parts.all(name).flatMap { $0.split(separator: ",") }.compactMap { part in
                CivitaiReference.id(CivitaiReference.trim(part))
            }
            if ids.count > 1 { return ids.map { "\(word):\($0)" } }
        }
        return nil
    }

    /// `Model hash: …`, `VAE hash: …`, `Lora hashes: "name: …"`, `TI hashes: "…"`, `Hashes: {…}` and
    /// `Civitai resources: […]`, as the site itself reads them from pictures.
    private static func generation(_ text: String) -> [String] {
        let bytes = Array(text.utf8)
        var found: [String] = []
        // What the site wrote itself says most; the short hashes behind it are often of the same files.
        for item in json(behind: "Civitai resources:", bytes)?.array ?? [] {
            if let id = Fields.int(item["modelVersionId"]), id > 0 {
                found.append("version:\(id)")
            } else if let air = item["air"]?.string, AIR.parse(air)?.reference != nil {
                found.append(air)
            }
        }
        for (_, value) in json(behind: "Hashes:", bytes)?.object?.members ?? [] {
            if let hash = value.string.flatMap({ CivitaiReference.hash($0) }) { found.append(hash) }
        }
        for label in ["Model hash:", "VAE hash:"] {
            guard let start = end(of: label, bytes) else { continue }
            let word = bytes[start...].drop { $0 == 0x20 }.prefix { !", \n\r".utf8.contains($0) }
            if let hash = CivitaiReference.hash(String(decoding: word, as: UTF8.self)) { found.append(hash) }
        }
        for label in ["Lora hashes:", "TI hashes:"] {
            guard let start = end(of: label, bytes) else { continue }
            let rest = bytes[start...].drop { $0 == 0x20 }
            guard rest.first == UInt8(ascii: "\"") else { continue }
            let inside = String(decoding: rest.dropFirst().prefix { $0 != UInt8(ascii: "\"") }, as: UTF8.self)
            for pair in inside.split(separator: ",") {
                guard let word = pair.split(separator: ":").last else { continue }
                if let hash = CivitaiReference.hash(CivitaiReference.trim(word)) { found.append(hash) }
            }
        }
        return found
    }

    /// The JSON that follows a label: texts of this kind go on behind it.
    private static func json(behind label: String, _ bytes: [UInt8]) -> JSONValue? {
        guard let start = end(of: label, bytes) else { return nil }
        let rest = bytes[start...].drop { $0 == 0x20 }
        guard let first = rest.first, "{[".utf8.contains(first) else { return nil }
        var depth = 0
        var isText = false
        var isEscaped = false
        for (index, byte) in zip(rest.indices, rest) {
            if isText {
                if isEscaped {
                    isEscaped = false
                } else if byte == UInt8(ascii: "\\") {
                    isEscaped = true
                } else if byte == UInt8(ascii: "\"") {
                    isText = false
                }
                continue
            }
            switch byte {
            case UInt8(ascii: "\""): isText = true
            case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                depth -= 1
                if depth == 0 { return LenientJSON.parse(Array(rest[...index])) }
            default: break
            }
        }
        return nil
    }

    /// Where the text goes on behind a label that begins a line or follows a comma. The last one counts: a prompt may
    /// hold the same words.
    private static func end(of label: String, _ bytes: [UInt8]) -> Int? {
        let wanted = Array(label.utf8)
        guard bytes.count >= wanted.count else { return nil }
        for start in stride(from: bytes.count - wanted.count, through: 0, by: -1) {
            guard bytes[start] == wanted[0], bytes[start..<start + wanted.count].elementsEqual(wanted) else { continue }
            var before = start
            while before > 0, bytes[before - 1] == 0x20 { before -= 1 }
            guard before == 0 || ",\n\r".utf8.contains(bytes[before - 1]) else { continue }
            return start + wanted.count
        }
        return nil
    }
}
