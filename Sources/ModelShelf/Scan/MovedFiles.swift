internal import ShelfBase
internal import ShelfHashing
internal import ShelfStore

/// Tells whether a file at a new path is one that is known from another path.
///
/// A stored sample decides. It is *moved* only when the old path is gone; a root that is offline hides its files, it does
/// not lose them. When the old path is still there the new one is a link (same inode) or a copy, which is believed only
/// if its modification time was copied along; any other file of the same size is read in full.
struct MovedFiles {
    enum Match {
        case moved(KnownFile)
        case copy(KnownFile)
    }

    let store: Store
    let roots: [Root]

    func match(_ found: FoundFile) throws(ShelfError) -> Match? {
        let identity = found.identity
        guard
            try store.read({ (connection) throws(ShelfError) in
                try connection.hasSampledContent(size: identity.size, ofFilesLike: identity.inode)
            })
        else { return nil }
        guard let file = try? ReadableFile(found.path), let sample = try? FileSample.read(file) else { return nil }
        let candidates = try store.read { (connection) throws(ShelfError) -> [KnownFile] in
            var candidates: [KnownFile] = []
            for content in try connection.contents(sample: sample, size: identity.size) {
                candidates += try connection.knownFiles(content: content)
            }
            return candidates
        }
        var copies: [KnownFile] = []
        var gone: [KnownFile] = []
        for candidate in candidates {
            switch look(candidate) {
            case .gone: gone.append(candidate)
            case .there(let there):
                if there.inode == identity.inode, there.device == identity.device { return .copy(candidate) }
                if candidate.modified == identity.modified { copies.append(candidate) }
            case .hidden: if candidate.modified == identity.modified { copies.append(candidate) }
            }
        }
        // The same inode or time is the likelier source when several files of these bytes have gone.
        if let best = gone.first(where: { $0.inode == identity.inode }) ?? gone.first(where: {
            $0.modified == identity.modified
        })
            ?? gone.first
        {
            return .moved(best)
        }
        return copies.first.map { .copy($0) }
    }

    private enum Sight {
        case gone, hidden
        case there(FileIdentity)
    }

    private func look(_ file: KnownFile) -> Sight {
        guard let root = roots.first(where: { $0.id == file.root }) else { return .gone }
        switch FileIdentity.of(root.path.appending(file.path)) {
        case .success(let identity): return .there(identity)
        case .failure(let error) where error.code == .notFound:
            if case .success = FileIdentity.of(root.path) { return .gone }
            return .hidden
        case .failure: return .hidden
        }
    }
}
