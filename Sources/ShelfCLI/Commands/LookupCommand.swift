internal import ModelShelf
internal import ShelfBase

extension Command {
    static let lookup = Command(
        name: "lookup", summary: "Ask Civitai about hashes, URLs, AIRs or ids, and store nothing.",
        arguments: [
            ArgumentSpec(
                "WHAT", .text, repeats: true,
                "Hashes, Civitai URLs, AIRs, model:ID, version:ID, or the text that an image program wrote below a picture."
            )
        ],
        examples: [Example("modelshelf lookup 9D0B3A4C1E version:87153", "One hash and one version.")]
    ) { (invocation, context) throws(ShelfError) -> Output in
        var queries: [String] = []
        for word in invocation.arguments {
            queries += CivitaiLookup.queries(in: try Invocation.text(word, of: "WHAT"))
        }
        let document = try context.work { (cancellation, _) throws(ShelfError) -> JSONObject in
            try context.engine.lookup(queries, cancellation: cancellation)
        }
        let results = document["results"]?.array ?? []
        return Output(
            document: document, outcomes: results.map(lookupOutcome),
            lines: { layout in Array(results.map { lookupCard($0, layout) }.joined(separator: [""])) })
    }

    static func lookupOutcome(_ result: JSONValue) -> Outcome {
        switch result["status"]?.string {
        case "found": .done
        case "pending": .failed(.network)
        case "ambiguous": .failed(.ambiguous)
        case "gone": .failed(.gone)
        default: .failed(.notFound)
        }
    }

    private static func lookupCard(_ result: JSONValue, _ layout: Layout) -> [String] {
        let civitai = result["civitai"] ?? .null
        let text = RecordText(civitai)
        var card = Card(RecordText(result).string("query") ?? "?")
        card.add("status", result["status"]?.string.map(lookupStatus))
        card.add("model", text.string("model_name"))
        card.add("version", text.string("version_name"))
        card.add("type", text.string("type"))
        card.add("base model", text.string("base_model"))
        card.add("creator", text.string("creator"))
        card.add("trigger words", text.list("trained_words"))
        card.add("tags", text.list("tags"))
        card.add("published", text.string("published_at"))
        card.add("url", text.string("url"))
        card.add("air", text.string("air"))
        return card.lines(layout)
    }

    private static func lookupStatus(_ status: String) -> String {
        status == "pending" ? "could not be asked" : StatusText.words(status)
    }
}
