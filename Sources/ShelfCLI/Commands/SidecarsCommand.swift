internal import ModelShelf
internal import ShelfBase

extension Command {
    static let sidecars = Command(
        name: "sidecars", summary: "Exchange metadata with other tools through the files beside the models.",
        details: [
            "'write' merges what is known of the models into their sidecars; what other tools wrote there stays. 'read' "
                + "takes in what other tools wrote and leaves the files alone.",
            "The format 'server' is NAME.metadata.json, as sd-inference-server and its notebooks have it.",
        ],
        arguments: [
            ArgumentSpec("ACTION", .words(["write", "read"]), "write or read."),
            ArgumentSpec(
                "WHAT", .file, optional: true, repeats: true,
                "Models by path, name, hash, URL or id; the whole library when there are none."),
        ],
        options: [
            .value(
                "--format", "FORMAT[,FORMAT]", .words(SidecarRequest.formats), repeats: true,
                "The formats; server by default."),
            .value(
                "--metadata-dir", "DIR", .folder, "A folder that gathers the sidecars, for models on read-only disks."),
        ],
        examples: [
            Example("modelshelf sidecars write", "A sidecar beside every model."),
            Example("modelshelf sidecars read models/LoRA/x.safetensors", "Take in what another tool wrote."),
        ]
    ) { (invocation, context) throws(ShelfError) -> Output in
        let request = try sidecarRequest(invocation)
        let report = try context.work { (cancellation, reporter) throws(ShelfError) -> SidecarReport in
            try context.engine.sidecars(request, cancellation: cancellation) { done, total in
                var state = ProgressState(phase: "sidecars")
                state.files = done
                state.filesTotal = total
                reporter.show(state, now: Clock.monotonicNanoseconds())
                return true
            }
        }
        return Output(
            document: report.json,
            messages: (report.damaged + report.failed).map { Message.error($0) },
            outcomes: [.done] + (report.damaged + report.failed).map { .itemFailed($0.code) },
            lines: { _ in
                let files = Units.count(report.files, "model")
                return [
                    request.writes
                        ? "\(files), \(Units.count(report.written, "sidecar")) written" : "\(files) looked at"
                ]
            })
    }

    static func sidecarRequest(_ invocation: Invocation) throws(ShelfError) -> SidecarRequest {
        let action = invocation.arguments.first?.display ?? ""
        guard ["write", "read"].contains(action) else {
            throw ShelfError(.usage, "sidecars does not know '\(SafeText.line(action))'", hint: "write or read")
        }
        var request = SidecarRequest(Array(invocation.arguments.dropFirst()))
        request.writes = action == "write"
        let formats = try sidecarFormats(invocation.values("--format"), "--format")
        if !formats.isEmpty { request.formats = formats }
        request.gathering = try sidecarFolder(invocation)
        return request
    }

    /// `FORMAT[,FORMAT]`, each once.
    static func sidecarFormats(_ values: [FilePath], _ option: String) throws(ShelfError) -> [String] {
        var formats: [String] = []
        for value in values {
            for word in try Invocation.text(value, of: option).split(separator: ",", omittingEmptySubsequences: false) {
                let format = word.lowercased()
                guard SidecarRequest.formats.contains(format) else {
                    throw ShelfError(
                        .usage, "unknown sidecar format: '\(SafeText.line(String(word)))'",
                        hint: "one of: \(SidecarRequest.formats.joined(separator: " "))")
                }
                if !formats.contains(format) { formats.append(format) }
            }
        }
        return formats
    }

    /// `--sidecars FORMAT`, or `none`; nil when nothing is said.
    static func sidecarPolicy(_ invocation: Invocation) throws(ShelfError) -> [String]? {
        let values = invocation.values("--sidecars")
        if values.isEmpty { return nil }
        return values == [FilePath("none")] ? [] : try sidecarFormats(values, "--sidecars")
    }

    static func sidecarFolder(_ invocation: Invocation) throws(ShelfError) -> FilePath? {
        guard let folder = invocation.values("--metadata-dir").last else { return nil }
        guard !folder.isEmpty else { throw ShelfError(.usage, "the name of the folder for sidecars is empty") }
        return folder
    }
}
