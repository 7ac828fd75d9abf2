/// Addresses made from ids. Those that the service sends are not used: one of its routes gives them with the host
/// `undefined`, and any of them could name another host.
public struct CivitaiAddresses: Sendable {
    private let base: HTTPURL
    private let pageOrigin: String

    public init(_ configuration: CivitaiConfiguration) {
        base = configuration.base
        pageOrigin = configuration.pageOrigin
    }

    /// The page of a model, with a version on it if one is given.
    public func page(modelID: Int64, versionID: Int64? = nil) -> String {
        "\(pageOrigin)/models/\(modelID)" + (versionID.map { "?modelVersionId=\($0)" } ?? "")
    }

    /// Where a file of a version is downloaded from. With the id of a file it is that very file; without one the
    /// service chooses, and with a key by the account's taste.
    public func download(versionID: Int64, fileID: Int64? = nil, wish: FileWish? = nil) -> HTTPURL {
        let path = base.target == "/" ? "" : base.target
        let words = fileID.map { [(name: "fileId", value: String($0))] } ?? wish?.query ?? []
        let parts = words.map { "\($0.name)=\(HTTPURL.encodedComponent($0.value))" }
        let query = parts.isEmpty ? "" : "?" + parts.joined(separator: "&")
        return HTTPURL(origin: base.origin, target: "\(path)/api/download/models/\(versionID)\(query)")
    }
}
