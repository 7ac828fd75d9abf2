public import ShelfBase
internal import ShelfCivitai

/// Downloads without a database. Nil settings come from the environment.
public enum CivitaiDownload {
    /// Fetches and verifies a file; the report's ``DownloadReport/model`` is nil.
    public static func download(
        _ request: DownloadRequest, token: String?, baseURL: String?, offline: Bool?,
        cancellation: Cancellation = Cancellation(), progress: ((TransferProgress) -> Bool)? = nil
    ) throws(ShelfError) -> DownloadReport {
        let client = try CivitaiLookup.client(token, baseURL, offline)
        let target = try DownloadResolver(client: client, cancellation: cancellation).resolve(request)
        let meter = TransferMeter(deliver: progress)
        let result = try Downloader(client: client).download(
            target.plan, to: request.folder ?? FilePath("."), connections: request.connections ?? 1,
            cancellation: cancellation
        ) { meter.show($0) }
        return DownloadReport(result)
    }
}
