internal import ShelfBase

extension Command {
    static let unlink = Command(
        name: "unlink", summary: "Say that a file is not what it was matched with on Civitai.",
        arguments: [.what],
        examples: [Example("modelshelf unlink x.safetensors", "Take a wrong match away for good.")]
    ) { (invocation, context) throws(ShelfError) -> Output in
        record(try context.engine.unlink(try invocation.what()))
    }
}
