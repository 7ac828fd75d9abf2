public import ShelfBase

/// Fetches files: resumed, verified while they are written, and never under a model's name before they are whole.
///
/// Every call blocks; any thread may call, several at once. What decides is ``DownloadMachine``; this is its hands.
public final class Downloader: Sendable {
    private let transport: HTTPTransport
    private let knownDigest: @Sendable (FilePath) -> String?

    /// - Parameter knownDigest: the SHA-256 (lower case) of a file that is known without reading it.
    public init(client: CivitaiClient, knownDigest: @escaping @Sendable (FilePath) -> String? = { _ in nil }) {
        transport = client.sender.transport
        self.knownDigest = knownDigest
    }

    /// Removes what an unfinished download left; what is another program's, or still on its way, stays.
    public static func discard(_ target: FilePath) { PartFile.discard(target) }

    /// Fetches what the plan says into a folder, which is made if it is not there.
    ///
    /// `progress` runs on this thread about ten times a second and may answer false to stop. A stopped or failed
    /// download leaves its bytes; the same call goes on with them.
    public func download(
        _ plan: DownloadPlan, to folder: FilePath, connections: Int = 1, cancellation: Cancellation = Cancellation(),
        progress: ((DownloadProgress) -> Bool)? = nil
    ) throws(ShelfError) -> DownloadResult {
        let place = DownloadFolder(path: folder, cancellation: cancellation, knownDigest: knownDigest)
        while true {
            let run = DownloadRun(
                plan: plan, folder: place, transport: transport, connections: connections, cancellation: cancellation,
                progress: progress)
            do throws(ShelfError) {
                return try run.run()
            } catch {
                // Somebody else fetches it: when that is done it is there.
                guard error.code == .storeBusy else { throw error }
                try run.waitForOthers()
            }
        }
    }
}
