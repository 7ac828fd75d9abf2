internal import ModelShelf
internal import ShelfBase

/// The parts of `download` that are about the queue.
extension Command {
    private static let queueActions = ["--queue", "--list", "--resume", "--pause", "--cancel"]

    /// Nil when the line asks for a single download at once.
    static func downloadQueue(_ invocation: Invocation, _ context: Context) throws(ShelfError) -> Output? {
        let actions = queueActions.filter { invocation.has($0) }
        guard actions.count <= 1 else {
            throw ShelfError(.usage, "\(actions.joined(separator: " and ")) are different things: give one")
        }
        let engine = context.engine
        switch actions.first {
        case "--queue":
            let requests = try downloadRequests(invocation)
            guard !requests.isEmpty else { throw ShelfError(.usage, "download --queue needs WHAT") }
            return list(try engine.addDownloads(requests))
        case "--list":
            guard invocation.arguments.isEmpty else { throw ShelfError(.usage, "download --list takes no WHAT") }
            return list(try engine.downloads())
        case "--pause":
            try engine.pauseDownloads(try numbers(invocation))
            return list(try engine.downloads())
        case "--cancel":
            guard let ids = try numbers(invocation) else {
                throw ShelfError(
                    .usage, "download --cancel needs numbers", hint: "modelshelf download --list shows them")
            }
            try engine.removeDownloads(ids)
            return list(try engine.downloads())
        case "--resume":
            let ids = try numbers(invocation)
            try engine.resumeDownloads(ids)
            return try work(ids, context)
        default:
            guard invocation.arguments.count > 1 else { return nil }
            return try work(try engine.addDownloads(try downloadRequests(invocation)).map(\.id), context)
        }
    }

    private static func downloadRequests(_ invocation: Invocation) throws(ShelfError) -> [DownloadRequest] {
        if invocation.arguments.count > 1, invocation.has("--file") {
            throw ShelfError(.usage, "--file names a file of one version: give one WHAT")
        }
        var requests: [DownloadRequest] = []
        for word in invocation.arguments { requests.append(try downloadRequest(word, invocation)) }
        return requests
    }

    /// The numbers behind an action; nil without any.
    private static func numbers(_ invocation: Invocation) throws(ShelfError) -> [Int64]? {
        var ids: [Int64] = []
        for word in invocation.arguments {
            guard let id = Int64(word.display), id > 0 else {
                throw ShelfError(
                    .usage, "not a number of the queue: \(SafeText.line(word))",
                    hint: "modelshelf download --list shows them")
            }
            ids.append(id)
        }
        return ids.isEmpty ? nil : ids
    }

    private static func work(_ ids: [Int64]?, _ context: Context) throws(ShelfError) -> Output {
        let report = try context.work { (cancellation, reporter) throws(ShelfError) -> DownloadsReport in
            try context.engine.runDownloads(ids, cancellation: cancellation) { progress in
                reporter.show(progress)
                return true
            }
        }
        var messages = report.done.flatMap(\.report.warnings).map { Message.warning(SafeText.line($0)) }
        for item in report.failed {
            var error = item.error
            error.message = "\(item.what): \(error.message)"
            messages.append(.error(error))
        }
        return Output(
            document: report.json, messages: messages,
            outcomes: report.done.map { _ in .done } + report.failed.map { .failed($0.error.code) },
            lines: { _ in report.done.flatMap { downloadLines($0.report) } })
    }

    private static func list(_ downloads: [QueuedDownload]) -> Output {
        Output(
            document: ["downloads": .array(downloads.map { .object($0.json) })],
            messages: downloads.isEmpty ? [.note("The queue of downloads is empty.")] : [],
            lines: { queueLines(downloads, $0) })
    }

    private static func queueLines(_ downloads: [QueuedDownload], _ layout: Layout) -> [String] {
        guard !downloads.isEmpty else { return [] }
        var table = Table(columns: [
            Table.Column(title: "NUMBER", isRight: true), Table.Column(title: "STATE"),
            Table.Column(title: "DONE", isRight: true), Table.Column(title: "WHAT", minimum: 20),
        ])
        table.rows = downloads.map { download in
            let done = download.bytesTotal.map { "\(Units.bytes(download.bytes)) of \(Units.bytes($0))" }
            let problem = download.problem?["message"]?.string.map { ": \($0)" } ?? ""
            return [
                String(download.id), download.state.rawValue, done ?? "-", SafeText.line(download.what + problem),
            ]
        }
        return table.lines(layout)
    }
}
