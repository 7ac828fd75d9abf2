internal import ShelfBase

/// Gives the tables of `config.toml` their meaning. What it does not know is an error, for a setting that is misspelt would
/// otherwise not hold in silence.
struct ConfigurationReader {
    let path: FilePath
    let home: FilePath?

    private static let tables = ["download", "previews", "roots", "watch"]
    private static let defaultKeys = RootSettings.keys.filter { $0 != "type" && $0 != "default" }

    func read(_ document: TOMLDocument) throws(SettingsError) -> Configuration {
        var configuration = Configuration(path: path)
        for table in document.tables {
            switch table.name {
            case "":
                configuration.defaults = try settings(table, Self.defaultKeys, place: "before the first table")
            case "roots": configuration.roots.append(try root(table))
            case "download":
                for entry in table.entries {
                    try expect(entry, ["connections"], "in [download]")
                    configuration.connections = try number(entry, 1...64)
                }
            case "previews":
                for entry in table.entries {
                    try expect(entry, ["width"], "in [previews]")
                    configuration.previewWidth = try number(entry, 1...10_000)
                }
            case "watch":
                for entry in table.entries {
                    try expect(entry, ["poll", "verify"], "in [watch]")
                    if entry.key == "poll" {
                        configuration.pollMilliseconds = Int64(try number(entry, 1...86_400)) * 1000
                    } else {
                        configuration.verifiesAdopted = try flag(entry)
                    }
                }
            default:
                throw SettingsError(
                    line: table.line, message: "there is no table '\(Self.shown(table.name))'",
                    hint: Self.hint(table.name, Self.tables, "the tables are"))
            }
            if !table.name.isEmpty, table.isItem != (table.name == "roots") {
                throw SettingsError(
                    line: table.line, message: "the table '\(table.name)' is written another way",
                    hint: table.name == "roots" ? "each folder begins with [[roots]]" : "write [\(table.name)]")
            }
        }
        return configuration
    }

    private func root(_ table: TOMLDocument.Table) throws(SettingsError) -> Configuration.Root {
        guard let entry = table.entries.first(where: { $0.key == "path" }) else {
            // A key that is nearly that one is what is wrong.
            for entry in table.entries { try expect(entry, RootSettings.keys + ["path"], "in [[roots]]") }
            throw SettingsError(line: table.line, message: "the folder has no path", hint: "add: path = \"DIR\"")
        }
        var rest = table
        rest.entries.removeAll { $0.key == "path" }
        return Configuration.Root(
            path: try folder(entry), settings: try settings(rest, RootSettings.keys, place: "in [[roots]]"))
    }

    private func settings(
        _ table: TOMLDocument.Table, _ keys: [String], place: String
    ) throws(SettingsError) -> RootSettings {
        var settings = RootSettings()
        for entry in table.entries {
            try expect(entry, table.name == "roots" ? keys + ["path"] : keys, place)
            switch entry.key {
            case "type": settings.type = try text(entry)
            case "exclude": settings.exclude = try texts(entry)
            case "lookup": settings.lookup = try flag(entry)
            case "previews": settings.previews = try flag(entry)
            case "max_level": settings.maximumLevel = try text(entry)
            case "sidecars": settings.sidecars = try texts(entry)
            case "metadata_dir": settings.metadataFolder = try folder(entry)
            case "jobs": settings.jobs = try number(entry, 1...1024)
            default: settings.isDefault = try flag(entry)
            }
            do throws(ShelfError) {
                settings = try settings.checked()
            } catch {
                throw SettingsError(line: entry.line, message: error.message, hint: error.hint)
            }
        }
        return settings
    }

    // MARK: Values

    private func expect(_ entry: TOMLDocument.Entry, _ keys: [String], _ place: String) throws(SettingsError) {
        guard !keys.contains(entry.key) else { return }
        throw SettingsError(
            line: entry.line, message: "there is no setting '\(Self.shown(entry.key))' \(place)",
            hint: Self.hint(entry.key, keys, "there are"))
    }

    private func text(_ entry: TOMLDocument.Entry) throws(SettingsError) -> String {
        guard case .text(let text) = entry.value, !text.isEmpty else { throw wrong(entry, "a text in quotes") }
        return text
    }

    /// A list; one text is a list of one.
    private func texts(_ entry: TOMLDocument.Entry) throws(SettingsError) -> [String] {
        switch entry.value {
        case .texts(let texts): texts
        case .text(let text): [text]
        default: throw wrong(entry, "a list of texts, such as [\"a\", \"b\"]")
        }
    }

    private func flag(_ entry: TOMLDocument.Entry) throws(SettingsError) -> Bool {
        guard case .flag(let flag) = entry.value else { throw wrong(entry, "true or false, without quotes") }
        return flag
    }

    private func number(_ entry: TOMLDocument.Entry, _ range: ClosedRange<Int64>) throws(SettingsError) -> Int {
        guard case .number(let number) = entry.value, range.contains(number) else {
            throw wrong(entry, "a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return Int(clamping: number)
    }

    /// `~` is the user's home; a relative folder is one beside the file.
    private func folder(_ entry: TOMLDocument.Entry) throws(SettingsError) -> FilePath {
        let text = try text(entry)
        if text == "~" || text.hasPrefix("~/") {
            guard let home else { throw wrong(entry, "a folder without ~, for nobody's home is known") }
            return home.appending(FilePath(bytes: Array(text.utf8.dropFirst(2))))
        }
        let folder = FilePath(text)
        return Self.plain(folder.isAbsolute ? folder : Paths.absolute(path).parent.appending(folder))
    }

    /// Without a slash at the end.
    private static func plain(_ path: FilePath) -> FilePath {
        var bytes = path.bytes
        while bytes.count > 1, bytes.last == UInt8(ascii: "/") { bytes.removeLast() }
        return FilePath(bytes: bytes)
    }

    private func wrong(_ entry: TOMLDocument.Entry, _ wanted: String) -> SettingsError {
        SettingsError(line: entry.line, message: "'\(entry.key)' must be \(wanted)")
    }

    private static func hint(_ word: String, _ known: [String], _ preface: String) -> String {
        Suggestion.nearest(word, among: known).map { "did you mean '\($0)'?" }
            ?? "\(preface): \(known.joined(separator: " "))"
    }

    private static func shown(_ name: String) -> String { String(name.prefix(60)) }
}
