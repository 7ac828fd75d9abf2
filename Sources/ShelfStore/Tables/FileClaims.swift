public import ShelfBase

/// Sharing the reading and hashing of files between processes: a file is worked on by whoever claimed it.
extension Connection {
    /// Claims a file that is at a stage before `stage`; false when it is done or somebody else has it.
    public func claimFile(_ id: Int64, before stage: Stage, _ owner: ClaimOwner, now: Int64) throws(ShelfError) -> Bool
    {
        try run(
            """
            UPDATE location SET claim_owner = ?1, claim_until = ?2
            WHERE id = ?3 AND stage < ?4 AND (claim_owner IS NULL OR claim_until < ?5)
            """,
            .text(owner.text), .int(now + ClaimOwner.lifetime), .int(id), .int(stage.rawValue), .int(now))
        return changes == 1
    }

    /// Says that this process still works on its claims.
    public func renewClaims(_ owner: ClaimOwner, now: Int64) throws(ShelfError) {
        let until = SQLValue.int(now + ClaimOwner.lifetime)
        try run("UPDATE location SET claim_until = ? WHERE claim_owner = ?", until, .text(owner.text))
        try run("UPDATE remote SET claim_until = ? WHERE claim_owner = ?", until, .text(owner.text))
    }

    public func releaseFile(_ id: Int64) throws(ShelfError) {
        try run("UPDATE location SET claim_owner = NULL, claim_until = NULL WHERE id = ?", .int(id))
    }

    /// Frees what processes that were killed had claimed, without waiting for their claims to run out.
    public func releaseClaimsOfTheDead() throws(ShelfError) {
        let tables = ["location", "remote", "wanted_download"]
        var owners: Set<String> = []
        for table in tables {
            try rows("SELECT DISTINCT claim_owner FROM \(table) WHERE claim_owner IS NOT NULL") { row in
                if let owner = row.text(0) { owners.insert(owner) }
            }
        }
        for owner in owners where ClaimOwner.isDead(owner) {
            for table in tables {
                try run(
                    "UPDATE \(table) SET claim_owner = NULL, claim_until = NULL WHERE claim_owner = ?", .text(owner))
            }
        }
    }
}

extension Connection {
    /// Whether somebody works on a file now.
    public func fileIsClaimed(_ id: Int64, now: Int64) throws(ShelfError) -> Bool {
        try int(
            "SELECT 1 FROM location WHERE id = ? AND claim_owner IS NOT NULL AND claim_until >= ?", .int(id), .int(now))
            != nil
    }
}
