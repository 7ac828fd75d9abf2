internal import ShelfBase

/// What has been said of each file, so that everything is said once.
struct Ledger {
    /// A file as the store has it.
    enum State: Equatable {
        /// Hashed. Contents are told apart by the number of their row, which bytes share.
        case content(Int64, isIdentified: Bool)
        case failed(Failure)
        /// Nothing to say of it yet.
        case unread
    }

    struct Failure: Equatable {
        let code: ErrorCode
        let size: Int64
        let modified: Int64
    }

    struct Announcement: Equatable {
        let kind: WatchEvent.Kind
        var oldPath: FilePath?
    }

    private struct Entry {
        var content: Int64?
        var isIdentified = false
        var failure: Failure?
    }

    private var entries: [FilePath: Entry] = [:]

    /// What was known before the watching began: nothing is said of it.
    mutating func know(_ path: FilePath, _ state: State) {
        guard entries[path] == nil else { return }
        switch state {
        case .content(let content, let isIdentified):
            entries[path] = Entry(content: content, isIdentified: isIdentified)
        case .failed(let failure): entries[path] = Entry(failure: failure)
        case .unread: break
        }
    }

    /// What is to be said of a file now. `movedFrom` counts once: when the file is first told under its new name.
    ///
    /// - Parameter isWatched: whether the old place is one of which departures are told.
    mutating func update(
        _ path: FilePath, _ state: State, movedFrom: FilePath? = nil, isWatched: (FilePath) -> Bool = { _ in true }
    ) -> [Announcement] {
        switch state {
        case .unread: return []
        case .failed(let failure):
            guard entries[path]?.failure != failure else { return [] }
            entries[path, default: Entry()].failure = failure
            return [Announcement(kind: .failed)]
        case .content(let content, let isIdentified):
            var said: [Announcement] = []
            var entry = entries[path] ?? Entry()
            if entry.content != content || entry.failure != nil {
                let kind: WatchEvent.Kind = entry.content == nil ? .added : .changed
                if let movedFrom, movedFrom != path, let old = leave(movedFrom, content, isWatched) {
                    said.append(Announcement(kind: .moved, oldPath: movedFrom))
                    entry.isIdentified = old.isIdentified
                } else {
                    said.append(Announcement(kind: kind))
                    if entry.content != content { entry.isIdentified = false }
                }
                entry.content = content
                entry.failure = nil
            }
            if isIdentified, !entry.isIdentified {
                entry.isIdentified = true
                said.append(Announcement(kind: .identified))
            }
            entries[path] = entry
            return said
        }
    }

    /// Takes out the entry of the old place; nil when that place was told to be gone, so that this is news.
    private mutating func leave(_ path: FilePath, _ content: Int64, _ isWatched: (FilePath) -> Bool) -> Entry? {
        guard let entry = entries[path] else { return isWatched(path) ? nil : Entry(isIdentified: true) }
        guard entry.content == content else { return nil }
        entries[path] = nil
        return entry
    }

    /// Whether it is to be said that a file is gone.
    mutating func remove(_ path: FilePath) -> Bool { entries.removeValue(forKey: path)?.content != nil }
}
