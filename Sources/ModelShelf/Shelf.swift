public import ShelfBase

/// The library of models: one for each database and process.
///
/// All calls block and are safe from any thread; progress closures run on the calling thread.
public final class Shelf: Sendable {
    /// The database that is open.
    public let database: FilePath

    private init(database: FilePath) {
        self.database = database
    }

    /// Opens a database, or gives the one that this process has open already.
    ///
    /// - Parameters:
    ///   - database: `$MODELSHELF_HOME/modelshelf.db` when nil.
    ///   - offline: no network at all; `MODELSHELF_OFFLINE` when nil.
    public static func open(database: FilePath? = nil, offline: Bool? = nil) throws(ShelfError) -> Shelf {
        throw ShelfError(.internalError, "not built yet")
    }

    /// Finds, reads, hashes and identifies. `progress` may answer false to cancel.
    public func scan(
        _ request: ScanRequest, cancellation: Cancellation = Cancellation(),
        progress: ((ScanProgress) -> Bool)? = nil
    ) throws(ShelfError) -> ScanReport {
        throw ShelfError(.internalError, "not built yet")
    }

    /// The record of a path, a name, a hash, a Civitai URL or AIR, `model:ID` or `version:ID`.
    public func record(_ what: FilePath) throws(ShelfError) -> ModelRecord {
        throw ShelfError(.internalError, "not built yet")
    }

    public func list(_ filter: ModelFilter = ModelFilter()) throws(ShelfError) -> ModelPage {
        throw ShelfError(.internalError, "not built yet")
    }

    /// Full-text search over names, words, tags, descriptions and notes. Every word must occur, at least as a prefix.
    public func search(_ text: String, _ filter: ModelFilter = ModelFilter()) throws(ShelfError) -> ModelPage {
        throw ShelfError(.internalError, "not built yet")
    }

    /// The stored hash of a file by algorithm name, after one `stat`; nil while it is not known or the file changed.
    public func storedHash(_ path: FilePath, _ algorithm: String) throws(ShelfError) -> String? {
        throw ShelfError(.internalError, "not built yet")
    }

    /// Records what the user says; gives the record after it.
    public func update(_ what: FilePath, _ edits: [UserEdit]) throws(ShelfError) -> ModelRecord {
        throw ShelfError(.internalError, "not built yet")
    }

    /// Corrects a wrong match for good. `versionID` nil takes the model's default version.
    public func link(_ what: FilePath, model: Int64, version: Int64?) throws(ShelfError) -> ModelRecord {
        throw ShelfError(.internalError, "not built yet")
    }

    /// Takes a match away for good.
    public func unlink(_ what: FilePath) throws(ShelfError) -> ModelRecord {
        throw ShelfError(.internalError, "not built yet")
    }

    /// `{"roots":[{"path","type","state","files"}]}`
    public func roots() throws(ShelfError) -> JSONObject {
        throw ShelfError(.internalError, "not built yet")
    }

    public func addRoot(_ path: FilePath, type: String?) throws(ShelfError) {
        throw ShelfError(.internalError, "not built yet")
    }

    public func removeRoot(_ path: FilePath) throws(ShelfError) {
        throw ShelfError(.internalError, "not built yet")
    }

    /// Asks Civitai and stores nothing: `{"results":[{"query","status","civitai"}]}`.
    public func lookup(
        _ queries: [String], cancellation: Cancellation = Cancellation()
    ) throws(ShelfError) -> JSONObject {
        throw ShelfError(.internalError, "not built yet")
    }

    /// `{"ok":bool,"checks":[{"name","status","detail","advice"}]}`
    public func doctor() -> JSONObject { [:] }

    /// Ends the use of the database by this process; later calls fail with `usage`. Idempotent.
    public func close() {}
}
