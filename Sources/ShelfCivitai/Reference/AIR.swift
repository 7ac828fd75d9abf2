/// An AI resource name: `urn:air:ECOSYSTEM:TYPE:SOURCE:ID[@VERSION][+FILE][.FORMAT]`.
public struct AIR: Sendable, Equatable {
    /// Never checked against a list: older texts hold words such as `sd15` that the site no longer writes.
    public var ecosystem: String?
    public var type: String?
    public var source: String
    public var id: String
    public var version: String?
    public var fileID: Int64?

    /// Reads a name in any case, with or without `urn:` and `air:`, ecosystem and type. Without `urn:air:` in front it
    /// must name the source `civitai` and a number, or any text with a colon would be one.
    public static func parse(_ text: some StringProtocol) -> AIR? {
        guard text.utf8.count <= 1024 else { return nil }
        var parts = String(text).split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        var isNamed = false
        if parts.first?.lowercased() == "urn" { parts.removeFirst() }
        if parts.first?.lowercased() == "air" {
            parts.removeFirst()
            isNamed = true
        }
        guard let last = parts.popLast(), let source = parts.popLast()?.lowercased(), parts.count <= 2,
            !last.isEmpty, isWord(source), parts.allSatisfy(isWord)
        else { return nil }
        let type = parts.popLast()?.lowercased()
        var air = AIR(ecosystem: parts.popLast()?.lowercased(), type: type, source: source, id: "")
        guard air.takeName(last) else { return nil }
        if source == "civitai" {
            // The grammar lets a version hold points, so that a file ending sticks to it.
            air.version = air.version.map { String($0.prefix { $0.isASCII && $0.isNumber }) }
            guard CivitaiReference.id(air.id) != nil, air.version.map({ CivitaiReference.id($0) != nil }) ?? true else {
                return nil
            }
        } else if !isNamed {
            return nil
        }
        return air
    }

    /// The name as the site writes it, without a file.
    public static func text(ecosystem: String, type: String, modelID: Int64, versionID: Int64) -> String {
        "urn:air:\(ecosystem):\(type):civitai:\(modelID)@\(versionID)"
    }

    /// What the name means on Civitai; nil for other sources.
    public var reference: CivitaiReference? {
        guard source == "civitai", let model = CivitaiReference.id(id) else { return nil }
        return CivitaiReference(modelID: model, versionID: version.flatMap { CivitaiReference.id($0) }, fileID: fileID)
    }

    /// `ID[@VERSION][+FILE][.FORMAT]`
    private mutating func takeName(_ text: String) -> Bool {
        let halves = text.split(separator: "+", maxSplits: 1, omittingEmptySubsequences: false)
        if halves.count == 2 {
            guard let file = CivitaiReference.id(halves[1].prefix { $0 != "." }) else { return false }
            fileID = file
        }
        let names = halves[0].split(separator: "@", maxSplits: 1, omittingEmptySubsequences: false)
        id = Self.trimmed(names[0])
        if names.count == 2 { version = Self.trimmed(names[1]) }
        if source == "civitai", version == nil, let point = id.firstIndex(of: ".") { id = String(id[..<point]) }
        return !id.isEmpty && version?.isEmpty != true
    }

    private static func trimmed(_ text: Substring) -> String {
        String(text.filter { !$0.isWhitespace })
    }

    private static func isWord(_ text: String) -> Bool {
        !text.isEmpty
            && text.unicodeScalars.allSatisfy {
                ("a"..."z").contains($0) || ("A"..."Z").contains($0) || ("0"..."9").contains($0)
                    || "_-/".unicodeScalars.contains($0)
            }
    }
}
