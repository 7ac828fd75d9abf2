public import ShelfBase

/// The folders that a file like ComfyUI's `extra_model_paths.yaml` names, found as ComfyUI finds them: `~` and variables of
/// the environment in `base_path`, a relative `base_path` from the file on, everything else from `base_path` on.
public struct ExtraModelPaths: Sendable {
    public struct Folder: Sendable {
        /// Absolute, without `.` and `..`; links are not resolved.
        public let path: FilePath
        /// The kind of folder, in ComfyUI's words.
        public let key: String
        /// The section that names it.
        public let section: String
        public let line: Int
        /// Whether ComfyUI would put new models there.
        public let isDefault: Bool
    }

    public private(set) var folders: [Folder] = []

    /// - Parameters:
    ///   - path: where the file lies.
    ///   - environment: gives variables; nil for those that are not set, which then stay as they are written.
    public init(
        _ bytes: [UInt8], path: FilePath, home: FilePath?, environment: (String) -> FilePath?
    ) throws(ShelfError) {
        do throws(SettingsError) {
            let document = try YAMLMap(bytes)
            let folder = Paths.absolute(path).parent
            for section in document.sections {
                try read(section, beside: folder, home, environment)
            }
        } catch {
            throw SettingsFile.error(error, path)
        }
    }

    private static let mostFolders = 2000

    private mutating func read(
        _ section: YAMLMap.Section, beside folder: FilePath, _ home: FilePath?, _ environment: (String) -> FilePath?
    ) throws(SettingsError) {
        var base = folder
        var isDefault = false
        for entry in section.entries {
            switch entry.key {
            case "base_path":
                guard let text = entry.text, !text.contains("\n") else {
                    throw SettingsError(line: entry.line, message: "'base_path' must be one folder")
                }
                let expanded = Self.expandVariables(Self.expandHome(text, home), environment)
                base = expanded.isAbsolute ? expanded : folder.appending(expanded)
            case "is_default":
                switch entry.isPlain ? entry.text?.lowercased() : nil {
                case "true", "yes", "on": isDefault = true
                case "false", "no", "off": isDefault = false
                default: throw SettingsError(line: entry.line, message: "'is_default' must be true or false")
                }
            default: break
            }
        }
        for entry in section.entries where entry.key != "base_path" && entry.key != "is_default" {
            guard let text = entry.text else {
                throw SettingsError(line: entry.line, message: "'\(entry.key)' names no folder", hint: "remove the line")
            }
            if entry.isPlain, ["true", "false", "yes", "no", "on", "off"].contains(text.lowercased()) {
                throw SettingsError(
                    line: entry.line, message: "'\(entry.key)' must be a folder", hint: "put such a name in quotes")
            }
            for name in text.split(separator: "\n") {
                guard folders.count < Self.mostFolders else {
                    throw SettingsError(line: entry.line, message: "there are too many folders")
                }
                let path = FilePath(String(name))
                folders.append(
                    Folder(
                        path: Self.normal(path.isAbsolute ? path : base.appending(path)), key: entry.key,
                        section: section.key, line: entry.line, isDefault: isDefault))
            }
        }
    }

    /// `~` at the start; the home of another user is not looked up.
    private static func expandHome(_ text: String, _ home: FilePath?) -> FilePath {
        guard let home, text == "~" || text.hasPrefix("~/") else { return FilePath(text) }
        return home.appending(FilePath(bytes: Array(text.utf8.dropFirst(2))))
    }

    /// `$NAME` and `${NAME}`; one that is not set stays, as in Python's `os.path.expandvars`.
    private static func expandVariables(_ path: FilePath, _ environment: (String) -> FilePath?) -> FilePath {
        var result: [UInt8] = []
        var rest = path.bytes[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "$") else {
                result.append(byte)
                continue
            }
            let isBraced = rest.first == UInt8(ascii: "{")
            let name = isBraced ? rest.dropFirst().prefix { $0 != UInt8(ascii: "}") } : rest.prefix(while: isNameLetter)
            let isClosed = !isBraced || name.endIndex < rest.endIndex
            guard !name.isEmpty, isClosed, let value = environment(String(decoding: name, as: UTF8.self)) else {
                result.append(byte)
                continue
            }
            result += value.bytes
            rest = rest.dropFirst(name.count + (isBraced ? 2 : 0))
        }
        return FilePath(bytes: result)
    }

    private static func isNameLetter(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
            true
        default: false
        }
    }

    /// Without `.`, `..` and empty names, by the text alone.
    private static func normal(_ path: FilePath) -> FilePath {
        var names: [ArraySlice<UInt8>] = []
        for name in path.bytes.split(separator: UInt8(ascii: "/")) {
            if name.elementsEqual("..".utf8) {
                _ = names.popLast()
            } else if !name.elementsEqual(".".utf8) {
                names.append(name)
            }
        }
        return FilePath(bytes: [UInt8(ascii: "/")] + names.joined(separator: [UInt8(ascii: "/")]))
    }
}
