internal import ModelShelf
internal import ShelfBase

extension Command {
    static let download = Command(
        name: "download", summary: "Download a model file, verify it, and take it into the library.",
        details: [
            "The bytes go to NAME.part and become NAME when they are whole and their SHA-256 is the published one. An "
                + "interrupted download goes on where it stopped when the same command is run again. A file of the same "
                + "name is never overwritten: another one gets a number.",
            "Several are put into the queue and worked off one after the other. The queue is kept: interrupted or killed, "
                + "the same command or --resume goes on. --queue only adds to it; --list shows it; --pause makes downloads "
                + "wait, also those that another process works on; --cancel takes them out and removes what is not whole. "
                + "Behind --resume, --pause and --cancel stand the numbers that --list shows; without numbers --resume and "
                + "--pause mean all.",
            "Without --to the file goes to the registered folder of the model's type, or else to the current folder.",
            "The API key comes from CIVITAI_TOKEN, for Hugging Face from HF_TOKEN; each is sent to its own service only.",
        ],
        arguments: [
            ArgumentSpec(
                "WHAT", .text, optional: true, repeats: true,
                "A Civitai URL or AIR, model:ID, version:ID, a hash, or a file's address on Hugging Face.")
        ],
        options: [
            .value("--to", "DIR", .folder, "The folder that it goes to."),
            .value("--file", "ID", .number, "The file of the version with this id."),
            .value(
                "--type", "KIND", .words(["Model", "Pruned Model", "VAE", "Config", "Training Data"]),
                "The file of the version of this kind."),
            .flag("--previews", "Fetch a picture as well."), .noPreviews,
            .value(
                "--max-level", "LEVEL", .words(PreviewRequest.levels),
                "The most adult level of that picture; pg13 by default."),
            .value("--connections", "N", .number, "Fetch N parts at once, 6 at most; 1 by default."),
            .flag("--no-verify", "Do not compare the bytes with the published digest."),
            .flag("--queue", "Only put WHAT into the queue."),
            .flag("--list", "Show the queue."),
            .flag("--resume", "Work off the queue, or the downloads with these numbers, also paused and failed ones."),
            .flag("--pause", "Stop the downloads with these numbers, or all; their bytes are kept."),
            .flag("--cancel", "Take the downloads with these numbers out of the queue."),
        ],
        examples: [
            Example("modelshelf download https://civitai.com/models/4201 --to models/SD", "A model's newest version."),
            Example("modelshelf download version:128713 --type VAE", "Another file of a version."),
            Example("modelshelf download --queue model:4201 model:4384", "Remember two for later."),
            Example("modelshelf download --resume", "Fetch what is in the queue."),
        ]
    ) { (invocation, context) throws(ShelfError) -> Output in
        if let output = try downloadQueue(invocation, context) { return output }
        let request = try downloadRequest(invocation)
        let report = try context.work { (cancellation, reporter) throws(ShelfError) -> DownloadReport in
            try context.engine.download(request, cancellation: cancellation) { progress in
                reporter.show(progress)
                return true
            }
        }
        return Output(
            document: report.json, messages: report.warnings.map { .warning(SafeText.line($0)) },
            lines: { _ in downloadLines(report) })
    }

    static func downloadRequest(_ invocation: Invocation) throws(ShelfError) -> DownloadRequest {
        guard let word = invocation.arguments.first else { throw ShelfError(.usage, "download needs WHAT") }
        return try downloadRequest(word, invocation)
    }

    static func downloadRequest(_ word: FilePath, _ invocation: Invocation) throws(ShelfError) -> DownloadRequest {
        var request = DownloadRequest(try Invocation.text(word, of: "WHAT"))
        request.folder = invocation.values("--to").last
        if request.folder?.isEmpty == true { throw ShelfError(.usage, "a folder's name is empty") }
        request.file = try invocation.number("--file", minimum: 1, maximum: Int(Int32.max)).map { Int64($0) }
        request.type = try invocation.text("--type")
        if request.file != nil, request.type != nil {
            throw ShelfError(.usage, "--file and --type both choose the file: give one")
        }
        request.previews = try invocation.choice("--previews", "--no-previews")
        request.previewLevel = try invocation.text("--max-level")
        request.connections = try invocation.number("--connections", minimum: 1, maximum: 64)
        request.verify = !invocation.has("--no-verify")
        return request
    }

    static func downloadLines(_ report: DownloadReport) -> [String] {
        let size = Units.bytes(report.bytes)
        let path = SafeText.line(report.path)
        if report.wasThere { return ["\(path)  was there already (\(size))"] }
        var notes = [size, report.isVerified ? "verified" : "not verified: no digest to compare with"]
        if report.resumedFrom > 0 { notes.append("\(Units.bytes(report.resumedFrom)) were there") }
        return ["\(path)  (\(notes.joined(separator: ", ")))"]
    }
}
