internal import ShelfBase

extension Command {
    static let link = Command(
        name: "link", summary: "Say which model on Civitai a file is; it corrects a wrong match for good.",
        arguments: [
            .what,
            ArgumentSpec(
                "MODEL@VERSION", .text, "Two ids; or a Civitai URL, an AIR, model:ID or version:ID."),
        ],
        examples: [
            Example("modelshelf link x.safetensors 82098@87153", "By ids."),
            Example("modelshelf link x.safetensors https://civitai.com/models/82098", "A model's default version."),
        ]
    ) { (invocation, context) throws(ShelfError) -> Output in
        let word = try Invocation.text(invocation.arguments[1], of: "MODEL@VERSION")
        guard let target = LinkTarget(word) else {
            throw ShelfError(
                .usage, "not a model on Civitai: '\(SafeText.line(word))'",
                hint: "write MODEL@VERSION, a URL, an AIR, model:ID or version:ID")
        }
        let (model, version) = try resolve(target, context)
        return record(try context.engine.link(try invocation.what(), model: model, version: version))
    }

    /// Asks Civitai for the model of a version that was named alone.
    private static func resolve(
        _ target: LinkTarget, _ context: Context
    ) throws(ShelfError) -> (model: Int64, version: Int64?) {
        switch target {
        case .model(let model, let version): return (model, version)
        case .version(let version):
            let answer = try context.work { (cancellation, _) throws(ShelfError) -> JSONObject in
                try context.engine.lookup(["version:\(version)"], cancellation: cancellation)
            }
            let result = answer["results"]?[0]
            guard let model = result?["civitai"]?["model_id"]?.int else {
                let hint = "MODEL@VERSION needs no question"
                guard result?["status"]?.string != "pending" else {
                    throw ShelfError(.network, "Civitai could not be asked about version \(version)", hint: hint)
                }
                throw ShelfError(.notFound, "Civitai has no version \(version)", hint: hint)
            }
            return (model, version)
        }
    }
}
