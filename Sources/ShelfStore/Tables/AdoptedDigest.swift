public import ShelfBase

/// A SHA-256 that is known before the file was read for the others, because it was taken while the bytes were written.
extension Connection {
    /// Records it, and settles whose bytes the file has. The other digests stay empty and the file stays a step before
    /// ``Stage/hashed``, so that the next scan fills them in; but one that has the bytes of a hashed file is hashed too.
    ///
    /// - Parameter identity: the file that the digest is of. Another one at the same place by now is left alone.
    /// - Returns: whether the digest was taken.
    public func adopt(
        sha256: [UInt8], sample: [UInt8], location: Int64, _ identity: FileIdentity
    ) throws(ShelfError) -> Bool {
        let now = Clock.wallMilliseconds()
        guard let file = try knownFile(id: location), file.stage == .headerRead, file.problemCode == nil,
            file.isUnchanged(identity), let own = try content(file.content), own.digests.sha256 == nil
        else { return false }
        if let known = try int("SELECT id FROM content WHERE sha256 = ?", .blob(sha256)) {
            let predecessor = try int("SELECT predecessor_id FROM content WHERE id = ?", .int(own.id))
            try adopt(content: known, at: location, from: own.id)
            let isComplete =
                try int("SELECT 1 FROM location WHERE content_id = ? AND stage = 2 LIMIT 1", .int(known)) != nil
            if isComplete, let digests = try content(known)?.digests {
                try settle(predecessor: predecessor, of: known, isNew: false, digests)
                try run("UPDATE location SET stage = 2 WHERE id = ?", .int(location))
            }
        } else {
            try run(
                "UPDATE content SET sha256 = ?, sample = ?, hashed_at = ? WHERE id = ?", .blob(sha256), .blob(sample),
                .int(now), .int(own.id))
        }
        try setIdentity(location, identity, unsettled: identity.isModified(justBefore: now * 1_000_000))
        try run("UPDATE location SET claim_owner = NULL, claim_until = NULL WHERE id = ?", .int(location))
        try run(
            """
            INSERT OR IGNORE INTO remote (content_id, source, status)
            SELECT content_id, 'civitai', 'pending' FROM location WHERE id = ?
            """, .int(location))
        return true
    }
}
