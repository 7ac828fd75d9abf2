internal import ModelShelf
internal import ShelfBase

extension Command {
    static let scan = Command(
        name: "scan",
        summary: "Find model files, read their headers, hash what is new, identify it on Civitai, and remember it.",
        details: [
            "Files that did not change are not read again. What could not be asked because the network failed is asked "
                + "by the next scan. An interrupted scan keeps what it finished.",
            "A folder that is scanned is not registered by that; 'modelshelf roots add' does it.",
        ],
        arguments: [
            ArgumentSpec(
                "DIR", .folder, optional: true, repeats: true,
                "Folders or files to scan; the registered folders when there are none.")
        ],
        options: [
            .value(
                "--type", "TYPE=DIR", .typedFolder, repeats: true,
                "Scan DIR too; its files are of TYPE unless their header says otherwise."),
            .lookup, .noLookup,
            .flag("--no-hash", "Do not hash: list what headers tell."),
            .value("--jobs", "N", .number, "Hash N files at once; one on each processor by default."),
            .background,
            .flag("--previews", "Fetch a picture for what is identified and has none."),
            .noPreviews,
            .value(
                "--max-level", "LEVEL", .words(PreviewRequest.levels),
                "The most adult level of those pictures; pg13 by default."),
            .value(
                "--sidecars", "FORMAT[,FORMAT]", .words(SidecarRequest.formats + ["none"]), repeats: true,
                "Read the sidecars beside the models before hashing, and write them after it: server; none for none."),
            .value(
                "--metadata-dir", "DIR", .folder, "A folder that gathers the sidecars, for models on read-only disks."),
            .flag("--force", "Hash again what is known."),
            .flag("--refresh", "Ask Civitai again about what was found before."),
        ],
        examples: [
            Example("modelshelf scan ~/models", "Scan one folder."),
            Example("modelshelf scan --type LORA=loras --type VAE=vae", "Scan two folders of known types."),
            Example("modelshelf scan --json --quiet | jq .failed", "Scan the registered folders and list failures."),
        ]
    ) { (invocation, context) throws(ShelfError) -> Output in
        let request = try scanRequest(invocation)
        if request.folders.isEmpty, try context.engine.roots()["roots"]?.array?.isEmpty != false {
            throw ShelfError(
                .usage, "no folder given and none is registered",
                hint: "name one, as in 'modelshelf scan ~/models', or register it with 'modelshelf roots add ~/models'")
        }
        let report = try context.work { (cancellation, reporter) throws(ShelfError) -> ScanReport in
            try context.engine.scan(request, cancellation: cancellation) { progress in
                reporter.show(progress)
                return true
            }
        }
        return Output(
            document: report.json, messages: scanWarnings(report, request),
            outcomes: scanOutcomes(report, named: request.folders.map(\.path)),
            lines: { ScanSummary.lines(report, $0) })
    }

    static func scanRequest(_ invocation: Invocation) throws(ShelfError) -> ScanRequest {
        var request = ScanRequest(folders: invocation.arguments.map { ScanRequest.Folder(path: $0) })
        for value in invocation.values("--type") {
            guard let folder = TypedFolder(value), folder.type != nil else {
                throw ShelfError(
                    .usage, "--type takes TYPE=DIR, not '\(SafeText.line(value))'",
                    hint: "for example --type LORA=loras")
            }
            request.folders.append(ScanRequest.Folder(path: folder.path, type: folder.type))
        }
        guard request.folders.allSatisfy({ !$0.path.isEmpty }) else {
            throw ShelfError(.usage, "a folder's name is empty")
        }
        request.lookup = try invocation.choice("--lookup", "--no-lookup")
        request.hash = !invocation.has("--no-hash")
        request.force = invocation.has("--force")
        request.refresh = invocation.has("--refresh")
        request.previews = try invocation.choice("--previews", "--no-previews")
        request.previewLevel = try invocation.text("--max-level")
        // Threads that are started from here on begin with the priority of this one.
        if invocation.has("--background") { ThreadPriority.lower() }
        request.jobs = try invocation.number("--jobs", minimum: 1, maximum: 1024)
        request.sidecars = try sidecarPolicy(invocation)
        request.sidecarFolder = try sidecarFolder(invocation)
        if request.sidecarFolder != nil, request.sidecars?.isEmpty ?? true {
            throw ShelfError(.usage, "--metadata-dir is for sidecars", hint: "add --sidecars server")
        }
        if request.force, !request.hash {
            throw ShelfError(.usage, "--force hashes again and --no-hash hashes nothing: choose one")
        }
        if request.refresh, request.lookup == false {
            throw ShelfError(.usage, "--refresh asks Civitai and --no-lookup does not: choose one")
        }
        return request
    }

    /// What the core warns of; files that wait for Civitai are never passed over in silence, for the status is 0.
    static func scanWarnings(_ report: ScanReport, _ request: ScanRequest) -> [Message] {
        let warnings: [Message] = report.warnings.map { .warning(SafeText.line($0)) }
        guard warnings.isEmpty, request.lookup != false, report.pending > 0 else { return warnings }
        return [
            .warning("Civitai was not asked about \(Units.count(report.pending, "file")); the next scan tries again")
        ]
    }

    /// A folder that was named and is not there weighs more than a bad file somewhere below it.
    static func scanOutcomes(_ report: ScanReport, named: [FilePath]) -> [Outcome] {
        let names = Set(named + named.map(Paths.absolute))
        var outcomes: [Outcome] = report.files > 0 ? [.done] : []
        for error in report.failed {
            let isNamed = error.path.map(names.contains) ?? false
            outcomes.append(isNamed ? .failed(error.code) : .itemFailed(error.code))
        }
        return outcomes
    }
}

/// `TYPE=DIR` or `DIR`. What stands before the first `=` is a type if it looks like one; `./a=b` is a folder.
struct TypedFolder: Equatable {
    let type: String?
    let path: FilePath

    init?(_ word: FilePath) {
        let parts = word.bytes.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
        if parts.count == 2, !parts[0].isEmpty, parts[0].allSatisfy(Self.isTypeLetter) {
            type = String(decoding: parts[0], as: UTF8.self)
            path = FilePath(bytes: parts[1])
        } else {
            type = nil
            path = word
        }
        guard !path.isEmpty else { return nil }
    }

    private static func isTypeLetter(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: " "):
            true
        default: false
        }
    }
}
