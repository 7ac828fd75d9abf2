extension Schema {
    /// Downloads that are wanted: a queue that outlives the process.
    static let downloads = """
        CREATE TABLE wanted_download (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            -- What is wanted, as JSON without any secret.
            request TEXT NOT NULL,
            -- One that somebody has claimed is running.
            state TEXT NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'paused', 'done', 'failed')),
            -- The file, once its name is known.
            path BLOB,
            bytes INTEGER NOT NULL DEFAULT 0,
            bytes_total INTEGER,
            -- Why it failed, as the error's JSON.
            problem TEXT,
            added_at INTEGER NOT NULL,
            finished_at INTEGER,
            claim_owner TEXT,
            claim_until INTEGER
        ) STRICT;
        """
}
