internal import ModelShelf
internal import ShelfBase

extension Command {
    private static let levels = PreviewRequest.levels

    /// Options that are filters of the same name without their dashes; the core knows which fit what.
    private static let browseFilters: [OptionSpec] = [
        .value("--query", "TEXT", .text, "Models by name, tags by how they begin, creators by a part of the name."),
        .value("--tag", "NAME", .text, "Models with this tag."),
        .value("--username", "NAME", .text, "What this person made."),
        .value(
            "--type", "TYPE", .words(KnownWords.modelTypes + ["image", "video"]), repeats: true,
            "Models of this type; or pictures that are an image or a video."),
        .value("--base-models", "NAME", .text, repeats: true, "Made for this base model, such as 'SDXL 1.0'."),
        .value("--checkpoint-type", "TYPE", .words(["Trained", "Merge"]), "Checkpoints that were trained or merged."),
        .value(
            "--sort", "ORDER", .words(["Highest Rated", "Most Downloaded", "Newest", "Most Reactions"]), "The order."),
        .value("--period", "PERIOD", .words(["Day", "Week", "Month", "Year", "AllTime"]), "Published in this time."),
        .value("--period-mode", "MODE", .words(["published", "stats"]), "What the period is of."),
        .value("--max-level", "LEVEL", .words(levels), "How adult: \(levels.joined(separator: ", ")); pg by default."),
        .flag("--nsfw", "Everything, however adult."),
        .value("--ids", "ID[,ID]", .text, repeats: true, "Models with these ids."),
        .value("--model-version-ids", "ID[,ID]", .text, repeats: true, "Models that own these versions."),
        .value("--model-id", "ID", .number, "Pictures of this model."),
        .value("--model-version-id", "ID", .number, "Pictures of this version."),
        .value("--post-id", "ID", .number, "Pictures of this post."),
        .value("--image-id", "ID", .number, "This picture."),
        .value("--user-id", "ID", .number, "Pictures of this person."),
        .value("--tags", "ID[,ID]", .text, "Pictures with these tags, by their ids."),
        .value("--availability", "WORD", .text, "Models that are Public, EarlyAccess, …"),
        .value("--allow-commercial-use", "WORD", .text, repeats: true, "Models that allow this."),
        .value("--file-formats", "FORMAT", .text, repeats: true, "Models with files of this format."),
        .flag("--allow-no-credit", "Models that may be used without naming the creator."),
        .flag("--allow-derivatives", "Models that may be changed."),
        .flag("--allow-different-license", "Models whose changes may have another licence."),
        .flag("--primary-file-only", "Show the main file of each version only."),
        .flag("--supports-generation", "Models that the site's generator can use."),
        .flag("--from-platform", "Models that were trained on the site."),
        .flag("--early-access", "Models in early access."),
        .flag("--archived", "Archived models too."),
        .flag("--favorites", "Your favourites; needs CIVITAI_TOKEN."),
        .flag("--hidden", "What you have hidden; needs CIVITAI_TOKEN."),
        .flag("--with-meta", "Pictures with the data that they were made with."),
        .flag("--requiring-meta", "Only pictures that have such data."),
        .flag("--with-tags", "Pictures with their tags."),
        .value("--page", "N", .number, "Refused: the service ignores it, and all pages are walked through."),
    ]

    static let browse = Command(
        name: "browse", summary: "Walk through Civitai's catalogue: models, images, tags or creators.",
        details: [
            "Items are printed as they come, until there are no more, --limit is reached or the reader goes away. With "
                + "--json each is one line of JSON, as the service gave it.",
            "Filters that the service would drop without a word, or refuse whatever their value, are refused here or "
                + "done here, so that what is shown is what was asked for.",
        ],
        arguments: [
            ArgumentSpec("WHAT", .words(Catalogue.kinds), "\(Catalogue.kinds.joined(separator: ", ")).")
        ],
        options: [.value("--limit", "N", .number, "So many items at most.")] + browseFilters,
        examples: [
            Example("modelshelf browse models --type LORA --base-models Pony --limit 20", "Twenty LoRAs for Pony."),
            Example("modelshelf browse images --model-version-id 128713 --json", "Pictures of a version."),
        ],
        printsJSONLines: true
    ) { (invocation, context) throws(ShelfError) -> Output in
        let catalogue = try context.engine.browse(
            try Invocation.text(invocation.arguments.first ?? FilePath(""), of: "WHAT"),
            filters: try browseFilters(invocation),
            limit: try invocation.number("--limit", minimum: 1))
        var shown = 0
        let status = try context.interrupts.whileWorking { (cancellation) throws(ShelfError) -> Outcome? in
            while true {
                let items = try catalogue.next(cancellation)
                guard !items.isEmpty else { return .done }
                shown += items.count
                guard try write(items, invocation.global.json, context.console.terminal) else { return nil }
            }
        }
        if shown == 0, !invocation.global.quiet {
            let isMild =
                ["models", "images"].contains(invocation.arguments.first?.display)
                && !invocation.has("--max-level") && !invocation.has("--nsfw")
            context.console.say("modelshelf: nothing found" + (isMild ? " (of level pg; --max-level shows more)" : ""))
        }
        return Output(streamed: status)
    }

    /// The filters in the order of the table; flags are true.
    static func browseFilters(_ invocation: Invocation) throws(ShelfError) -> [(name: String, values: [String])] {
        var filters: [(name: String, values: [String])] = []
        for option in browseFilters where invocation.has(option.name) {
            var values: [String] = []
            for value in invocation.values(option.name) {
                values.append(option.value == nil ? "true" : try Invocation.text(value, of: option.name))
            }
            filters.append((String(option.name.dropFirst(2)), option.value == nil ? ["true"] : values))
        }
        return filters
    }

    /// False when nobody reads any more.
    private static func write(
        _ items: [JSONValue], _ json: Bool, _ terminal: any Terminal
    ) throws(ShelfError) -> Bool {
        var bytes: [UInt8] = []
        for item in items {
            bytes += json ? SafeText.jsonLine(item.object ?? [:]) : Array((browseLine(item) + "\n").utf8)
        }
        switch terminal.writeOutput(bytes) {
        case .written: return true
        case .closed: return false
        case .failed(let number): throw .system(number, "write it", FilePath("standard output"))
        }
    }

    /// `4201  Realistic Vision  Checkpoint  SD 1.5  by someone`, or what else there is to tell of an item.
    static func browseLine(_ item: JSONValue) -> String {
        let version = item["modelVersions"]?[0]
        var parts: [String] = []
        if let id = item["id"]?.int { parts.append(String(id)) }
        parts += [item["name"], item["type"], version?["baseModel"] ?? item["baseModel"], item["url"]].compactMap {
            $0?.string
        }
        if let creator = item["creator"]?["username"]?.string { parts.append("by \(creator)") }
        if let user = item["username"]?.string { parts.append(item["id"] == nil ? user : "by \(user)") }
        if let count = item["modelCount"]?.int { parts.append(Units.count(Int(clamping: count), "model")) }
        return SafeText.line(parts.joined(separator: "  "))
    }
}
