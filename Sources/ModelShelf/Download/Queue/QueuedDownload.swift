public import ShelfBase
internal import ShelfCivitai
internal import ShelfStore

/// A download of the queue.
public struct QueuedDownload: Sendable {
    public enum State: String, Sendable { case waiting, running, paused, done, failed }

    public let id: Int64
    /// As it was asked for, without any key that was pasted with it.
    public let what: String
    public let state: State
    /// Of the file, once its name is known.
    public let path: FilePath?
    public let bytes: Int64
    /// Nil while unknown.
    public let bytesTotal: Int64?
    /// Why it failed: `{code, message, hint}`.
    public let problem: JSONValue?
    /// Milliseconds since 1970.
    public let addedAt: Int64
    public let finishedAt: Int64?

    init(_ wanted: WantedDownload) {
        id = wanted.id
        what = wanted.request["what"]?.string ?? ""
        state = wanted.isRunning ? .running : State(rawValue: wanted.state.rawValue) ?? .waiting
        path = wanted.path
        bytes = wanted.bytes
        bytesTotal = wanted.bytesTotal
        problem = wanted.state == .failed ? wanted.problem : nil
        addedAt = wanted.addedAt
        finishedAt = wanted.finishedAt
    }

    public var json: JSONObject {
        [
            "id": .int(id), "what": .string(what), "state": .string(state.rawValue),
            "path": .optional(path?.display), "path_bytes": .optional(path?.base64IfNotUTF8), "bytes": .int(bytes),
            "bytes_total": .optional(bytesTotal), "error": problem ?? .null,
            "added_at": .string(Timestamp.text(milliseconds: addedAt)),
            "finished_at": .optional(finishedAt.map(Timestamp.text(milliseconds:))),
        ]
    }
}

/// What working off the queue gave.
public struct DownloadsReport: Sendable {
    public var done: [(id: Int64, what: String, report: DownloadReport)] = []
    public var failed: [(id: Int64, what: String, error: ShelfError)] = []

    public init() {}

    public var json: JSONObject {
        [
            "downloads": .array(
                done.map { item in
                    var object = item.report.json
                    object["id"] = .int(item.id)
                    object["what"] = .string(item.what)
                    return .object(object)
                }),
            "failed": .array(
                failed.map { item in
                    var object = ScanReport.failure(item.error)
                    object["id"] = .int(item.id)
                    object["what"] = .string(item.what)
                    return .object(object)
                }),
        ]
    }
}

extension DownloadRequest {
    /// The request as the store keeps it. A relative folder is one of the process that asks, so it is kept absolute;
    /// `from` is where the file goes when nothing else says where.
    var stored: JSONObject {
        [
            "what": .string(Redaction.text(what)),
            "to": .optional(folder.map { Base64.encode(Paths.absolute($0).bytes) }),
            "from": .string(Base64.encode(Paths.absolute(FilePath(".")).bytes)), "file": .optional(file),
            "type": .optional(type), "previews": previews.map { .bool($0) } ?? .null,
            "max_level": .optional(previewLevel),
            "verify": .bool(verify), "connections": .optional(connections.map { Int64($0) }),
        ]
    }

    init(stored: JSONObject) {
        func path(_ key: String) -> FilePath? {
            stored[key]?.string.flatMap { Base64.decode($0) }.map { FilePath(bytes: $0) }
        }
        self.init(stored["what"]?.string ?? "", to: path("to"))
        fallback = path("from")
        file = stored["file"]?.int
        type = stored["type"]?.string
        previews = stored["previews"]?.bool ?? previews
        previewLevel = stored["max_level"]?.string ?? previewLevel
        verify = stored["verify"]?.bool ?? verify
        connections = stored["connections"]?.int.map { Int(clamping: $0) } ?? connections
    }
}
