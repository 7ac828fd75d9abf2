internal import ShelfBase
internal import ShelfStore

/// Turns what the store has of a file into events, each once.
final class WatchPost: Sendable {
    let store: Store
    let events = Mailbox<WatchEvent>()
    private let ledger = Locked(Ledger())
    private let pictures: WatchPictures?
    private let sidecars: WatchSidecars?
    let isWatched: @Sendable (FilePath) -> Bool

    /// - Parameters:
    ///   - pictures: told of what was identified.
    ///   - sidecars: told of all but departures and failures.
    ///   - isWatched: whether a path lies below a watched folder.
    init(
        store: Store, pictures: WatchPictures?, sidecars: WatchSidecars?,
        isWatched: @escaping @Sendable (FilePath) -> Bool
    ) {
        self.store = store
        self.pictures = pictures
        self.sidecars = sidecars
        self.isWatched = isWatched
    }

    /// What the store knows below a folder is no news.
    func know(_ files: [(path: FilePath, file: KnownFile)]) {
        ledger.withLock { ledger in
            for (path, file) in files { ledger.know(path, Self.state(file)) }
        }
    }

    /// Says what is new about a file. Gives its row, and whether it was said to have moved.
    @discardableResult
    func tell(
        _ path: FilePath, movedFrom: FilePath? = nil, error: ShelfError? = nil
    ) throws(ShelfError) -> (file: KnownFile, isMove: Bool)? {
        let found = try store.read { (connection) throws(ShelfError) -> (KnownFile, ModelRecord)? in
            guard let file = try FileResolver(connection).file(at: path), !file.isMissing,
                let record = try RecordMaker(connection).record(file)
            else { return nil }
            return (file, record)
        }
        guard let (file, record) = found else { return nil }
        let problem =
            error
            ?? ShelfError(
                file.problemCode.map { ErrorCode(rawValue: $0) } ?? .internalError, file.problem ?? "", path: path)
        let time = Clock.wallMilliseconds()
        // Posted under the lock: events come in the order in which the ledger knew of them.
        let kinds = ledger.withLock { ledger in
            let said = ledger.update(path, Self.state(file), movedFrom: movedFrom, isWatched: isWatched)
            for announcement in said {
                events.post(
                    WatchEvent(
                        announcement.kind, path, oldPath: announcement.oldPath, time: time, model: record,
                        error: announcement.kind == .failed ? problem : nil))
            }
            return said.map(\.kind)
        }
        if kinds.contains(.identified) { pictures?.consider(file.id, path) }
        if kinds.contains(where: { $0 != .failed }) { sidecars?.consider(path) }
        return (file, kinds.contains(.moved))
    }

    /// Says that a file failed of which the store has nothing.
    func fail(_ path: FilePath, _ error: ShelfError) {
        let failure = Ledger.Failure(code: error.code, size: 0, modified: 0)
        ledger.withLock { ledger in
            guard !ledger.update(path, .failed(failure)).isEmpty else { return }
            events.post(WatchEvent(.failed, path, time: Clock.wallMilliseconds(), error: error))
        }
    }

    /// Records that a file is gone, and says so.
    func remove(_ path: FilePath) throws(ShelfError) {
        if case .success(let identity) = FileIdentity.of(path), identity.kind == .file { return }
        // Most of what moved has left nothing behind.
        let isKnown = try store.read { (connection) throws(ShelfError) in
            try FileResolver(connection).file(named: path) != nil
        }
        let record =
            try !isKnown
            ? nil
            : store.write { (connection) throws(ShelfError) -> ModelRecord? in
                guard let file = try FileResolver(connection).file(named: path) else { return nil }
                try connection.setMissing(file.id, true)
                return try RecordMaker(connection).record(location: file.id)
            }
        ledger.withLock { ledger in
            guard ledger.remove(path) else { return }
            events.post(WatchEvent(.removed, path, time: Clock.wallMilliseconds(), model: record))
        }
    }

    private static func state(_ file: KnownFile) -> Ledger.State {
        if let code = file.problemCode, code != ErrorCode.notFound.rawValue {
            return .failed(Ledger.Failure(code: ErrorCode(rawValue: code), size: file.size, modified: file.modified))
        }
        guard file.stage == .hashed else { return .unread }
        let isIdentified = ["found", "gone", "ambiguous"].contains(file.remoteStatus)
        return .content(file.content, isIdentified: isIdentified)
    }
}
