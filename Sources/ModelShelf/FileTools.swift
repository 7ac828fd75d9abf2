public import ShelfBase

/// What can be said of a file without a database.
public enum FileTools {
    /// Names accepted by ``hash(_:algorithms:jobs:cancellation:progress:)``; `all` stands for the usual eight.
    public static let algorithms = [
        "sha256", "tensor_sha256", "autov1", "autov2", "autov3", "blake3", "crc32", "crc32_civitai", "git_sha1",
        "a1111_legacy",
    ]

    /// Hashes files on all processors, each read once.
    ///
    /// Gives `{"files":[{"path","path_bytes","size","hashes":{…}}],"failed":[…]}`; files keep the order of `paths`.
    /// `progress` gets bytes done and bytes in all, on the calling thread, and may answer false to cancel.
    public static func hash(
        _ paths: [FilePath], algorithms: [String], jobs: Int? = nil, cancellation: Cancellation = Cancellation(),
        progress: ((Int64, Int64) -> Bool)? = nil
    ) throws(ShelfError) -> JSONObject {
        throw ShelfError(.internalError, "not built yet")
    }

    /// Reads headers: `{"files":[…],"failed":[…]}`. Never loads tensors, never runs a pickle.
    public static func inspect(_ paths: [FilePath]) -> JSONObject { [:] }
}
