internal import ModelShelf
internal import ShelfBase

extension Command {
    static let roots = Command(
        name: "roots", summary: "List, add or remove the registered model folders.",
        details: [
            "'modelshelf scan' without folders scans these. What stands before the first '=' is the type; a folder "
                + "whose name has one is written as ./a=b. Removing a folder from the list leaves its files alone.",
            "The options say what holds for the folders that are added, for scan, watch, download and previews alike; "
                + "to add a folder again changes only what is said. With --no-lookup no digest of a file below it ever "
                + "leaves this machine, whatever else is said. Folders can also be named in "
                + "$MODELSHELF_HOME/config.toml.",
            "import reads the folders that ComfyUI's extra_model_paths.yaml names, each with the type of its kind.",
        ],
        arguments: [
            ArgumentSpec(
                "add|remove|import", .words(["add", "remove", "import"]), optional: true,
                "What to do; list them without it."),
            ArgumentSpec(
                "[TYPE=]DIR", .typedFolder, optional: true, repeats: true,
                "The folders; TYPE only for add. The file for import."),
        ],
        options: [
            .value("--type", "TYPE", .words(KnownWords.modelTypes), "The type of files whose header does not tell it."),
            .value(
                "--exclude", "PATTERN", repeats: true,
                "Pass over what is called so, such as '*.bak', or lies there, such as 'wip/**'."),
            .flag("--no-lookup", "Never ask Civitai about files below the folder."),
            .flag("--lookup", "Take that back."),
            .flag("--previews", "Fetch a picture for what is identified and has none."),
            .flag("--no-previews", "Fetch none."),
            .value(
                "--max-level", "LEVEL", .words(PreviewRequest.levels), "The most adult level of those pictures."),
            .value(
                "--sidecars", "FORMAT[,FORMAT]", .words(SidecarRequest.formats + ["none"]), repeats: true,
                "Read and write sidecars: server; none for none."),
            .value("--metadata-dir", "DIR", .folder, "A folder that gathers the sidecars."),
            .value("--jobs", "N", .number, "Hash N files at once in a scan that comes here."),
            .flag("--default", "Downloads of the type go here when several folders are of it."),
            .flag("--dry-run", "Only tell what import would do."),
        ],
        examples: [
            Example("modelshelf roots", "List them."),
            Example("modelshelf roots add LORA=~/models/loras", "Register a folder of LoRA files."),
            Example("modelshelf roots add ~/own --no-lookup --exclude 'wip/**'", "A folder that is nobody else's matter."),
            Example("modelshelf roots import ComfyUI/extra_model_paths.yaml", "Take over ComfyUI's folders."),
            Example("modelshelf roots remove ~/models/loras", "Forget about it."),
        ]
    ) { (invocation, context) throws(ShelfError) -> Output in
        let words = invocation.arguments.dropFirst()
        let action = invocation.arguments.first?.display
        let options = invocation.options.keys.sorted()
        if let option = options.first(where: { $0 != "--dry-run" }), action != "add" {
            throw ShelfError(.usage, "\(option) is for roots add")
        }
        if options.contains("--dry-run"), action != "import" {
            throw ShelfError(.usage, "--dry-run is for roots import")
        }
        switch action {
        case nil: break
        case "add":
            let folders = words.compactMap { TypedFolder(expandHome($0, context)) }
            guard !folders.isEmpty, folders.count == words.count else {
                throw ShelfError(.usage, "roots add needs a folder")
            }
            let settings = try rootSettings(invocation)
            for folder in folders {
                var own = settings
                own.type = folder.type ?? settings.type
                try context.engine.addRoot(folder.path, own)
            }
        case "remove":
            guard !words.isEmpty, words.allSatisfy({ !$0.isEmpty }) else {
                throw ShelfError(.usage, "roots remove needs a folder")
            }
            for folder in words { try context.engine.removeRoot(folder) }
        case "import":
            guard let file = words.first, words.count == 1, !file.isEmpty else {
                throw ShelfError(.usage, "roots import needs one file", hint: "ComfyUI's extra_model_paths.yaml")
            }
            return try importOutput(file, dryRun: invocation.has("--dry-run"), context)
        case let word?:
            throw ShelfError(
                .usage, "roots does not know '\(SafeText.line(word))'", hint: "it knows add, remove and import")
        }
        let document = try context.engine.roots()
        return Output(document: document, messages: rootNotes(document), lines: { rootLines(document, $0) })
    }

    private static func rootSettings(_ invocation: Invocation) throws(ShelfError) -> RootSettings {
        var settings = RootSettings()
        settings.type = try invocation.text("--type")
        if invocation.has("--exclude") {
            settings.exclude = try invocation.values("--exclude").map { (value) throws(ShelfError) in
                try Invocation.text(value, of: "--exclude")
            }
        }
        settings.lookup = try invocation.choice("--lookup", "--no-lookup")
        settings.previews = try invocation.choice("--previews", "--no-previews")
        settings.maximumLevel = try invocation.text("--max-level")
        settings.sidecars = try sidecarPolicy(invocation)
        settings.metadataFolder = try sidecarFolder(invocation)
        settings.jobs = try invocation.number("--jobs", minimum: 1, maximum: 1024)
        settings.isDefault = invocation.has("--default") ? true : nil
        return settings
    }

    private static func importOutput(
        _ file: FilePath, dryRun: Bool, _ context: Context
    ) throws(ShelfError) -> Output {
        let report = try context.engine.importRoots(file, dryRun: dryRun)
        var document = report.json
        for member in try context.engine.roots().members { document[member.key] = member.value }
        let skipped = report.skipped.map {
            Message.note("Passed over \(SafeText.line($0.path)) (\(SafeText.line($0.key))): \(SafeText.line($0.reason)).")
        }
        let notes: [Message] =
            report.imported.isEmpty ? [.note("No folder of it is new.")] : dryRun ? [.note("Nothing was done yet.")] : []
        return Output(document: document, messages: skipped + notes) { layout in
            var table = Table(columns: [Table.Column(title: "FOLDER", minimum: 20), Table.Column(title: "TYPE")])
            table.rows = report.imported.map { [SafeText.line($0.path), $0.type ?? "-"] }
            return report.imported.isEmpty ? [] : table.lines(layout)
        }
    }

    /// Shells expand `~` at the start of a word, and some not after `TYPE=`.
    static func expandHome(_ word: FilePath, _ context: Context) -> FilePath {
        guard let folder = TypedFolder(word), let type = folder.type, folder.path.bytes.starts(with: Array("~/".utf8)),
            let home = context.console.terminal.environment("HOME")
        else { return word }
        return FilePath(bytes: Array("\(type)=\(home)".utf8) + folder.path.bytes.dropFirst())
    }

    private static func rootNotes(_ document: JSONObject) -> [Message] {
        document["roots"]?.array?.isEmpty == false
            ? [] : [.note("No folder is registered; 'modelshelf roots add DIR' does it.")]
    }

    private static func rootLines(_ document: JSONObject, _ layout: Layout) -> [String] {
        let roots = document["roots"]?.array ?? []
        guard !roots.isEmpty else { return [] }
        var columns = [
            Table.Column(title: "FOLDER", minimum: 20), Table.Column(title: "TYPE"), Table.Column(title: "STATE"),
            Table.Column(title: "FILES", isRight: true),
        ]
        if roots.contains(where: { !rootWords($0).isEmpty }) { columns.append(Table.Column(title: "WHAT HOLDS")) }
        var table = Table(columns: columns)
        table.rows = roots.map { root in
            let text = RecordText(root)
            return [
                HashResults.path(root).map { SafeText.line($0) } ?? "?", text.string("type") ?? "-",
                text.string("state") ?? "-", text.string("files") ?? "-", rootWords(root),
            ].prefix(columns.count).map { $0 }
        }
        return table.lines(layout)
    }

    /// What holds for a root, in the words of the options.
    private static func rootWords(_ root: JSONValue) -> String {
        var words: [String] = []
        if root["lookup"]?.bool == false { words.append("no lookup") }
        if let previews = root["previews"]?.bool { words.append(previews ? "previews" : "no previews") }
        if let level = root["max_level"]?.string { words.append("up to \(level)") }
        if let formats = root["sidecars"]?.array {
            words.append(formats.isEmpty ? "no sidecars" : "sidecars " + formats.compactMap(\.string).joined(separator: ","))
        }
        if let folder = root["metadata_dir"]?.string { words.append("in \(folder)") }
        if let patterns = root["exclude"]?.array, !patterns.isEmpty {
            words.append("without " + patterns.compactMap(\.string).joined(separator: " "))
        }
        if let jobs = root["jobs"]?.int { words.append("\(jobs) at once") }
        if root["default"]?.bool == true { words.append("default") }
        if root["source"]?.string == "configuration" { words.append("from config.toml") }
        return SafeText.line(words.joined(separator: ", "))
    }
}
