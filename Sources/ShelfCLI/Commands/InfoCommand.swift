internal import ModelShelf
internal import ShelfBase

extension Command {
    static let info = Command(
        name: "info", summary: "Show everything that is known about one model.",
        arguments: [.what],
        examples: [
            Example("modelshelf info loras/x.safetensors", "By path."),
            Example("modelshelf info --json 9D0B3A4C1E", "By any of its hashes, as JSON."),
            Example("modelshelf info model:82098", "By its id on Civitai."),
        ]
    ) { (invocation, context) throws(ShelfError) -> Output in
        record(try context.engine.record(try invocation.what()))
    }

    /// A record as the result of a command.
    static func record(_ record: ModelRecord) -> Output {
        Output(document: record.json, lines: { RecordCard.lines(record, $0) })
    }
}

extension ArgumentSpec {
    static let what = ArgumentSpec(
        "WHAT", .file, "A path, a name, any hash, a Civitai URL or AIR, model:ID or version:ID.")
}

extension Invocation {
    /// The model that the first argument names.
    func what() throws(ShelfError) -> FilePath {
        guard let what = arguments.first, !what.isEmpty else { throw ShelfError(.usage, "WHAT is empty") }
        return what
    }
}
