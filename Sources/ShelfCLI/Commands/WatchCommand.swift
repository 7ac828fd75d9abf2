internal import ModelShelf
internal import ShelfBase

extension Command {
    static let watch = Command(
        name: "watch",
        summary: "Watch folders: new model files are hashed, identified and remembered as they come.",
        details: [
            "What is in the folders already and not known yet is taken up first. A file is taken up once its writer is "
                + "done; names of unfinished downloads are passed over until they are renamed.",
            "It runs until Ctrl-C; what was finished is kept. Events are added, changed, moved, removed, identified and "
                + "failed. With --json each is one line, an object with event, path, old_path, time, model and error.",
        ],
        arguments: [
            ArgumentSpec(
                "DIR", .folder, optional: true, repeats: true,
                "Folders to watch; the registered folders when there are none. One that is not there is waited for.")
        ],
        options: [
            .value(
                "--type", "TYPE=DIR", .typedFolder, repeats: true,
                "Watch DIR too; its files are of TYPE unless their header says otherwise."),
            .lookup, .noLookup,
            .flag("--previews", "Fetch a picture for what was identified and has none."),
            .noPreviews,
            .value(
                "--max-level", "LEVEL", .words(PreviewRequest.levels),
                "The most adult level of those pictures; pg13 by default."),
            .value(
                "--sidecars", "FORMAT[,FORMAT]", .words(SidecarRequest.formats + ["none"]), repeats: true,
                "Read the sidecars of new models before hashing, and write those of what is told: server; none for none."
            ),
            .value(
                "--metadata-dir", "DIR", .folder, "A folder that gathers the sidecars, for models on read-only disks."),
            .flag("--no-verify", "Do not compute digests from sidecars while there is nothing to do."),
            .value("--jobs", "N", .number, "Hash N files at once; one on each processor by default."),
            .value(
                "--exec", "FILE.py", .file,
                "Call on_added(model), on_identified(model) and their like of this file of Python."),
            .background,
            .value("--poll", "SECONDS", .number, "How often folders are listed that report nothing; 5 by default."),
        ],
        examples: [
            Example("modelshelf watch ~/models", "Watch one folder and say what comes."),
            Example("modelshelf watch --json --type LORA=loras", "One line of JSON for each event."),
            Example("modelshelf watch ~/models --exec handlers.py", "Do something about what comes."),
        ],
        ownsSignals: { !$0.has("--exec") },
        printsJSONLines: true
    ) { (invocation, context) throws(ShelfError) -> Output in
        let request = try scanRequest(invocation)
        let folders = request.folders
        if folders.isEmpty, try context.engine.roots()["roots"]?.array?.isEmpty != false {
            throw ShelfError(
                .usage, "no folder given and none is registered",
                hint: "name one, as in 'modelshelf watch ~/models', or register it with 'modelshelf roots add ~/models'"
            )
        }
        var options = WatchOptions()
        options.lookup = request.lookup
        options.previews = request.previews
        options.previewLevel = request.previewLevel
        if options.previews == true, options.lookup == false {
            throw ShelfError(
                .usage, "--previews fetches pictures of what Civitai knows, and --no-lookup does not ask: choose one")
        }
        options.sidecars = request.sidecars
        options.sidecarFolder = request.sidecarFolder
        options.verifiesAdopted = invocation.has("--no-verify") ? false : nil
        options.isBackground = invocation.has("--background")
        if options.isBackground { ThreadPriority.lower() }
        options.jobs = try invocation.number("--jobs", minimum: 1, maximum: 1024)
        if let seconds = try invocation.number("--poll", minimum: 1, maximum: 86_400) {
            options.pollMilliseconds = Int64(seconds) * 1000
        }
        let handlers = try WatchHandlers(invocation)
        for folder in folders where Paths.resolved(folder.path) == nil {
            context.console.say(.warning("\(SafeText.line(folder.path)) is not there yet; it is waited for"))
        }
        let watch = try context.engine.watch(folders, options)
        defer { watch.stop() }
        if !invocation.global.quiet { context.console.say("modelshelf: " + Self.whatIsWatched(folders)) }
        let printer = EventPrinter(terminal: context.console.terminal, json: invocation.global.json)
        if let handlers { return try handlers.run(watch, printer) }
        let status = try context.interrupts.whileWorking(stop: { watch.cancel() }) {
            _ throws(ShelfError) -> ErrorCode? in
            while true {
                let events = try watch.next(milliseconds: -1)
                guard try printer.write(events) else { return nil }
                if events.isEmpty, watch.isEnded { return .cancelled }
            }
        }
        return Output(streamed: status.map { .ended($0) })
    }

    /// Says that it has begun, since a folder in which nothing happens is silent.
    private static func whatIsWatched(_ folders: [ScanRequest.Folder]) -> String {
        guard let first = folders.first else { return "watching the registered folders" }
        return folders.count == 1 ? "watching \(SafeText.line(first.path))" : "watching \(folders.count) folders"
    }
}

/// Writes events as they come.
struct EventPrinter {
    let terminal: any Terminal
    let json: Bool

    /// False when nobody reads any more.
    func write(_ events: [WatchEvent]) throws(ShelfError) -> Bool {
        guard !events.isEmpty else { return true }
        var bytes: [UInt8] = []
        for event in events { bytes += json ? SafeText.jsonLine(event.json) : Array((Self.line(event) + "\n").utf8) }
        switch terminal.writeOutput(bytes) {
        case .written: return true
        case .closed: return false
        case .failed(let number): throw .system(number, "write it", FilePath("standard output"))
        }
    }

    /// `added       loras/x.safetensors  LORA, SDXL 1.0`
    static func line(_ event: WatchEvent) -> String {
        var line = event.kind.rawValue + String(repeating: " ", count: max(1, 12 - event.kind.rawValue.utf8.count))
        if let old = event.oldPath { line += SafeText.line(old) + " -> " }
        line += SafeText.line(event.path)
        if let error = event.error { return line + "  " + SafeText.line(error.message) }
        guard let model = event.model, event.kind != .removed else { return line }
        let record = RecordText(.object(model.json))
        var facts = [record.joined(["type", "base_model"])]
        if event.kind == .identified, let civitai = model.json["civitai"] {
            facts = [RecordText(civitai).joined(["model_name", "version_name"])]
        }
        for fact in facts.compactMap({ $0 }) { line += "  " + fact }
        return line
    }
}
