public import ShelfBase

/// Sharing the verification of adopted digests between processes: a content is hashed by whoever claimed a file of it.
extension Connection {
    /// Hashed files that are there and whose digests are a sidecar's word, the smallest first.
    public func adoptedLocations() throws(ShelfError) -> [Int64] {
        var ids: [Int64] = []
        try rows(
            """
            SELECT l.id FROM content c JOIN location l ON l.content_id = c.id
            WHERE c.adopted AND l.stage = 2 AND NOT l.missing ORDER BY c.size, l.id
            """
        ) { ids.append($0.int(0, or: 0)) }
        return ids
    }

    /// Claims a file for its verification; false when that was done meanwhile, or somebody works on these bytes.
    public func claimAdopted(_ location: Int64, _ owner: ClaimOwner, now: Int64) throws(ShelfError) -> Bool {
        try run(
            """
            UPDATE location SET claim_owner = ?1, claim_until = ?2
            WHERE id = ?3 AND stage = 2 AND NOT missing
                AND EXISTS (SELECT 1 FROM content c WHERE c.id = location.content_id AND c.adopted)
                AND NOT EXISTS (
                    SELECT 1 FROM location o WHERE o.content_id = location.content_id
                        AND o.claim_owner IS NOT NULL AND o.claim_until >= ?4)
            """,
            .text(owner.text), .int(now + ClaimOwner.lifetime), .int(location), .int(now))
        return changes == 1
    }

    /// Forgets digests that turned out to be of no file: nothing is to be found by them.
    public func dropRefutedClaim(content: Int64, sha256: [UInt8]) throws(ShelfError) {
        try run(
            """
            DELETE FROM content WHERE id = ?1 AND adopted
                AND NOT EXISTS (SELECT 1 FROM location WHERE content_id = ?1)
                AND NOT EXISTS (SELECT 1 FROM content_part WHERE part_id = ?1)
            """, .int(content))
        guard changes == 1 else { return }
        try run("DELETE FROM former_digest WHERE sha256 = ?", .blob(sha256))
    }

    /// Gives a file back, unless somebody else has claimed it since.
    public func releaseFile(_ id: Int64, of owner: ClaimOwner) throws(ShelfError) {
        try run(
            "UPDATE location SET claim_owner = NULL, claim_until = NULL WHERE id = ? AND claim_owner = ?", .int(id),
            .text(owner.text))
    }
}
