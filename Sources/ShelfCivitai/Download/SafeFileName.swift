internal import ShelfBase
internal import ShelfFormats

/// Makes a file name of a text that a stranger chose, one that every operating system takes and that stays in its
/// folder.
public enum SafeFileName {
    /// Bytes that a name may have with what we put behind it while it is unfinished (`.part.json.new`) and with a number.
    private static let maximumBytes = 255 - 20

    /// Names that stand for devices on Windows, with any extension.
    private static let devices: Set<String> = Set(
        ["con", "prn", "aux", "nul", "conin$", "conout$", "clock$"]
            + (0...9).flatMap { ["com\($0)", "lpt\($0)"] } + ["¹", "²", "³"].flatMap { ["com\($0)", "lpt\($0)"] })

    /// The name, or nil when nothing of it is left.
    public static func make(_ text: String) -> String? {
        // What stands before the last separator of any system, a drive included, is a folder and not ours to follow.
        let last = text.split(omittingEmptySubsequences: false, whereSeparator: { "/\\".contains($0) }).last ?? ""
        var scalars = String.UnicodeScalarView()
        for scalar in last.unicodeScalars {
            if isInvisible(scalar) { continue }
            scalars.append("<>:\"|?*".unicodeScalars.contains(scalar) ? "_" : scalar)
        }
        var name = finished(trimmed(String(scalars)))
        guard !name.isEmpty else { return nil }
        let stem = name.prefix { $0 != "." }
        if devices.contains(trimmed(String(stem)).lowercased()) { name = "_" + name }
        // A dot in front would hide the file, and `-` would make it an option of whatever handles it.
        if name.hasPrefix(".") || name.hasPrefix("-") { name = "_" + name }
        name = shortened(name)
        return name.isEmpty ? nil : name
    }

    /// The name of a download: what the answer calls the file, or else its record. A record that names a model is not
    /// overruled by a name that no program would take for one.
    static func chosen(served: String?, record: String?) -> String? {
        let fromRecord = record.flatMap(make)
        guard let name = served.flatMap(make) else { return fromRecord }
        guard let fromRecord, isModel(fromRecord), !isModel(name) else { return name }
        return fromRecord
    }

    static func isModel(_ name: String) -> Bool { ModelFileExtensions.isModel(FilePath(name)) }

    /// Without endings that say of a file, or of the one beside it, that it is not whole: a whole file of such a name is
    /// passed over by every program, and `x.safetensors.aria2` hides `x.safetensors`.
    private static func finished(_ name: String) -> String {
        var rest = name[...]
        while let dot = rest.lastIndex(of: ".") {
            let ending = rest[dot...].dropFirst().lowercased()
            let isState = ending == "json" && rest[..<dot].lowercased().hasSuffix(".part")
            guard isState || ending == "quarantined" || ModelFileExtensions.partial.contains(ending) else { break }
            rest = Substring(trimmed(String(rest[..<dot])))
        }
        return String(rest)
    }

    /// The name with a number behind its stem, for when the plain one is taken.
    static func numbered(_ name: String, _ number: Int) -> String {
        let (stem, tail) = parts(name)
        return "\(stem)-\(number)\(tail)"
    }

    private static func parts(_ name: String) -> (stem: Substring, tail: Substring) {
        guard let dot = name.lastIndex(of: "."), dot > name.startIndex, name[dot...].utf8.count <= 16 else {
            return (name[...], "")
        }
        return (name[..<dot], name[dot...])
    }

    /// Cuts the stem, not the extension, between two characters.
    private static func shortened(_ name: String) -> String {
        guard name.utf8.count > maximumBytes else { return name }
        var (stem, tail) = parts(name)
        while stem.utf8.count + tail.utf8.count > maximumBytes, !stem.isEmpty { stem.removeLast() }
        // A letter may carry more marks than a name may have bytes.
        guard !stem.isEmpty else { return "download\(tail)" }
        return trimmed(String(stem)) + tail
    }

    /// Without blanks and dots at the end, which Windows drops, and blanks in front.
    private static func trimmed(_ text: String) -> String {
        let start = text.drop { $0.isWhitespace }
        guard let end = start.lastIndex(where: { !$0.isWhitespace && $0 != "." }) else { return "" }
        return String(start[...end])
    }

    /// Control characters, marks that turn text around or cannot be seen, and what stands for a byte that was no UTF-8.
    private static func isInvisible(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator: true
        default: scalar == "\u{fffd}"
        }
    }
}
