internal import ModelShelf
internal import ShelfBase

extension Command {
    static let list = Command(
        name: "list", summary: "List the models that are known.",
        options: filterOptions,
        examples: [
            Example("modelshelf list --type LORA --base-model 'SDXL 1.0'", "All LoRA files for SDXL."),
            Example("modelshelf list --sort size --limit 20", "The first twenty by size."),
        ]
    ) { (invocation, context) throws(ShelfError) -> Output in
        let filter = try modelFilter(invocation)
        return page(try context.engine.list(filter), filter, command: "list")
    }

    static let filterOptions: [OptionSpec] = [
        .value("--type", "TYPE", .words(KnownWords.modelTypes), "Only models of this type, in any usual spelling."),
        .value("--base-model", "NAME", .text, "Only models for this base model."),
        .value("--tag", "TAG", .text, "Only models with this tag."),
        .flag("--missing-metadata", "Only models that Civitai does not know or was not asked about."),
        .flag("--favorite", "Only favorites."),
        .value(
            "--sort", "ORDER", .words(ModelFilter.Sort.allCases.map(\.rawValue)),
            "The order: \(ModelFilter.Sort.allCases.map(\.rawValue).joined(separator: ", "))."),
        .value("--limit", "N", .number, "At most N models."),
        .value("--offset", "N", .number, "Leave out the first N."),
    ]

    static func modelFilter(_ invocation: Invocation) throws(ShelfError) -> ModelFilter {
        var filter = ModelFilter()
        filter.type = try invocation.text("--type")
        filter.baseModel = try invocation.text("--base-model")
        filter.tag = try invocation.text("--tag")
        filter.missingMetadata = invocation.has("--missing-metadata")
        filter.favorite = invocation.has("--favorite")
        filter.limit = try invocation.number("--limit", minimum: 0)
        filter.offset = try invocation.number("--offset", minimum: 0) ?? 0
        if let order = try invocation.text("--sort") {
            let names = ModelFilter.Sort.allCases.map(\.rawValue)
            guard let sort = ModelFilter.Sort(rawValue: order.lowercased()) else {
                throw ShelfError(
                    .usage, "unknown order '\(SafeText.line(order))'",
                    hint: Suggestion.nearest(order, among: names).map { "did you mean '\($0)'?" }
                        ?? "known are " + names.joined(separator: ", "))
            }
            filter.sort = sort
        }
        return filter
    }

    static func page(_ page: ModelPage, _ filter: ModelFilter, command: String) -> Output {
        Output(
            document: page.json, messages: RecordTable.notes(page, filter, command: command),
            lines: { RecordTable.lines(page, $0) })
    }
}
