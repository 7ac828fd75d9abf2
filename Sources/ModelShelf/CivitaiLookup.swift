public import ShelfBase
internal import ShelfCivitai

/// Questions to Civitai without a database. Nil settings come from the environment.
public enum CivitaiLookup {
    /// `{"results":[{"query","status","civitai"}]}`: queries are hashes of any kind, URLs, AIRs, `model:ID` or
    /// `version:ID`; SHA-256 are asked in batches.
    public static func lookup(
        _ queries: [String], token: String?, baseURL: String?, offline: Bool?,
        cancellation: Cancellation = Cancellation()
    ) throws(ShelfError) -> JSONObject {
        try LookupQueries(client: try client(token, baseURL, offline), cancellation: cancellation).run(queries)
    }

    /// A model as the service gives it.
    public static func model(
        _ id: Int64, token: String?, baseURL: String?, offline: Bool?, cancellation: Cancellation = Cancellation()
    ) throws(ShelfError) -> JSONObject {
        guard let model = try client(token, baseURL, offline).model(id, cancellation: cancellation) else {
            throw ShelfError(.notFound, "Civitai has no model \(id)")
        }
        return model.raw.object ?? [:]
    }

    /// A model version as the service gives it.
    public static func version(
        _ id: Int64, token: String?, baseURL: String?, offline: Bool?, cancellation: Cancellation = Cancellation()
    ) throws(ShelfError) -> JSONObject {
        guard let version = try client(token, baseURL, offline).version(id, cancellation: cancellation) else {
            throw ShelfError(.notFound, "Civitai has no model version \(id)")
        }
        return version.raw.object ?? [:]
    }

    /// What a pasted text names on Civitai: `{"model_id","version_id","file_id","hash","number"}`, null where it does
    /// not say. `number` is a bare number, which may be a model or a version. Asks nobody; any text may be given.
    public static func reference(_ text: String) -> JSONObject {
        let reference = CivitaiReference.parse(text) ?? CivitaiReference()
        return [
            "model_id": .optional(reference.modelID), "version_id": .optional(reference.versionID),
            "file_id": .optional(reference.fileID), "hash": .optional(reference.hash),
            "number": .optional(reference.number),
        ]
    }

    /// What is to be asked for a text that names several things: what image programs write below a picture (`Model
    /// hash: …, Lora hashes: …, Civitai resources: […]`), or an address of the API with several ids. The text itself
    /// when it is no such text.
    public static func queries(in text: String) -> [String] {
        // A page's address is one thing, whatever it holds.
        let several = CivitaiReference.parse(text) == nil ? PastedText.queries(in: text) : []
        return several.isEmpty ? [text] : several
    }

    static func client(_ token: String?, _ baseURL: String?, _ offline: Bool?) throws(ShelfError)
        -> CivitaiClient
    {
        CivitaiClient(
            try CivitaiConfiguration.fromEnvironment(
                baseURL: baseURL, token: token, offline: offline ?? false, version: ModelShelfVersion.text,
                certificateFallbacks: CertificateFiles.fallbacks))
    }
}

extension Shelf {
    /// Asks Civitai and stores nothing: `{"results":[{"query","status","civitai"}]}`.
    public func lookup(
        _ queries: [String], cancellation: Cancellation = Cancellation()
    ) throws(ShelfError) -> JSONObject {
        try checkUse()
        try keepPrivate(queries)
        return try LookupQueries(client: lookups.client, cancellation: cancellation).run(queries)
    }
}
