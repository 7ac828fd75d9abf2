public import ShelfBase

/// Questions to Civitai without a database. Nil settings come from the environment.
public enum CivitaiLookup {
    /// `{"results":[{"query","status","civitai"}]}`
    public static func lookup(
        _ queries: [String], token: String?, baseURL: String?, offline: Bool?,
        cancellation: Cancellation = Cancellation()
    ) throws(ShelfError) -> JSONObject {
        throw ShelfError(.internalError, "not built yet")
    }

    /// A model as the service gives it.
    public static func model(
        _ id: Int64, token: String?, baseURL: String?, offline: Bool?, cancellation: Cancellation = Cancellation()
    ) throws(ShelfError) -> JSONObject {
        throw ShelfError(.internalError, "not built yet")
    }

    /// A model version as the service gives it.
    public static func version(
        _ id: Int64, token: String?, baseURL: String?, offline: Bool?, cancellation: Cancellation = Cancellation()
    ) throws(ShelfError) -> JSONObject {
        throw ShelfError(.internalError, "not built yet")
    }
}
