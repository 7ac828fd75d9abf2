internal import ModelShelf
internal import ShelfBase

extension Command {
    static let preview = Command(
        name: "preview", summary: "Fetch preview pictures, and stills of videos, and put them beside the models.",
        details: [
            "The first picture of the model's version that the level allows becomes NAME.preview.png, .jpg or .webp, "
                + "whichever it is. A picture that is there already is never replaced, unless modelshelf fetched it and "
                + "--refresh is given.",
            "Pictures that nobody has rated are not fetched, and blocked ones never.",
        ],
        arguments: [
            ArgumentSpec(
                "WHAT", .file, optional: true, repeats: true,
                "Models by path, name, hash, URL or id. With --all and nothing named: the whole library.")
        ],
        options: [
            .value(
                "--max-level", "LEVEL", .words(PreviewRequest.levels), "The most adult level; pg13 by default."),
            .value("--width", "N", .number, "Pixels, rounded up to a width that the service keeps; 450 by default."),
            .flag("--all", "Every picture of the models that are named; with none named, every model."),
            .flag("--refresh", "Fetch again what was fetched before."),
        ],
        examples: [
            Example("modelshelf preview --all", "A picture for every model that has none."),
            Example("modelshelf preview x.safetensors --max-level r --width 800", "A larger one, of a wider choice."),
        ]
    ) { (invocation, context) throws(ShelfError) -> Output in
        let request = try previewRequest(invocation)
        let report = try context.work { (cancellation, reporter) throws(ShelfError) -> PreviewReport in
            try context.engine.previews(request, cancellation: cancellation) { done, total in
                var state = ProgressState(phase: "previews")
                state.files = done
                state.filesTotal = total
                reporter.show(state, now: Clock.monotonicNanoseconds())
                return true
            }
        }
        return Output(
            document: report.json,
            messages: report.skipped.map { skipped in
                let text = "\(SafeText.line(skipped.path)): \(SafeText.line(skipped.reason))"
                return skipped.error == nil ? .note("modelshelf: \(text)") : .error(text)
            },
            outcomes: [.done] + report.failures.map { .itemFailed($0.code) },
            lines: { _ in report.previews.map { SafeText.line($0.path) } })
    }

    static func previewRequest(_ invocation: Invocation) throws(ShelfError) -> PreviewRequest {
        var request = PreviewRequest(invocation.arguments)
        let all = invocation.has("--all")
        guard all || !request.what.isEmpty else {
            throw ShelfError(.usage, "no model named", hint: "name some, or take the whole library with --all")
        }
        request.everyPicture = all && !request.what.isEmpty
        request.maximumLevel = try invocation.text("--max-level")
        request.width = try invocation.number("--width", minimum: 1, maximum: 10_000)
        request.refresh = invocation.has("--refresh")
        return request
    }
}
