internal import ShelfBase

extension Command {
    static let inspect = Command(
        name: "inspect", summary: "Show what the headers of files tell, without a database.",
        details: [
            "Format, kind, base model, precision, tensors, training data and safety. Tensors are never loaded and "
                + "pickles are never run."
        ],
        arguments: [ArgumentSpec("FILE", .file, repeats: true, "Files to look into.")],
        examples: [
            Example("modelshelf inspect x.safetensors", "What is this file?"),
            Example("modelshelf inspect --json x.ckpt | jq '.files[0].safety'", "Could loading it run foreign code?"),
        ]
    ) { (invocation, context) throws(ShelfError) -> Output in
        let document = try context.engine.inspect(invocation.arguments)
        let files = document["files"]?.array ?? []
        let failures = document["failed"]?.array ?? []
        return Output(
            document: document, messages: failures.map(FailureText.message),
            outcomes: files.map { _ in .done } + failures.map(FailureText.outcome),
            lines: { layout in
                Array(files.map { InspectCard.lines($0, layout) }.joined(separator: [""]))
            })
    }
}
