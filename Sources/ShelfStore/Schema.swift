/// The tables of the store, as migrations that are applied in order and never changed once released.
///
/// `content` is bytes, `location` is where they are, `remote` is what a service said of them, `statement` is what else
/// was said and by whom. Times are milliseconds since 1970 unless a name says nanoseconds (`_ns`); digests are blobs.
enum Schema {
    /// "MSHF": tells our files from other SQLite databases.
    static let applicationID: Int64 = 0x4d53_4846

    static let migrations: [String] = [first, sidecars, downloads, rootSettings]

    private static let first = """
        CREATE TABLE root (
            id INTEGER PRIMARY KEY,
            path BLOB NOT NULL UNIQUE,
            registered INTEGER NOT NULL DEFAULT 0,
            type TEXT,
            lookup INTEGER NOT NULL DEFAULT 1,
            device INTEGER
        ) STRICT;

        -- Bytes. A row is provisional until sha256 is known; then it is the one row of these bytes.
        CREATE TABLE content (
            id INTEGER PRIMARY KEY,
            kind TEXT NOT NULL DEFAULT 'file' CHECK (kind IN ('file', 'folder', 'shards', 'member')),
            size INTEGER NOT NULL,
            sha256 BLOB UNIQUE,
            tensor_sha256 BLOB,
            after_header_sha256 BLOB,
            legacy_window_sha256 BLOB,
            blake3 BLOB,
            crc32 INTEGER,
            sample BLOB,
            format TEXT,
            header BLOB,
            added_at INTEGER NOT NULL,
            hashed_at INTEGER,
            -- The content that stood at the same path before this one, until this one is hashed.
            predecessor_id INTEGER REFERENCES content (id) ON DELETE SET NULL
        ) STRICT;
        CREATE INDEX content_size ON content (size);
        CREATE INDEX content_tensors ON content (tensor_sha256) WHERE tensor_sha256 IS NOT NULL;
        CREATE INDEX content_after_header ON content (after_header_sha256) WHERE after_header_sha256 IS NOT NULL;
        CREATE INDEX content_sample ON content (sample) WHERE sample IS NOT NULL;

        -- The parts of a composite: components of a folder, shards, members of an archive.
        CREATE TABLE content_part (
            content_id INTEGER NOT NULL REFERENCES content (id) ON DELETE CASCADE,
            part_id INTEGER NOT NULL REFERENCES content (id),
            name BLOB NOT NULL,
            PRIMARY KEY (content_id, name)
        ) STRICT, WITHOUT ROWID;

        -- Digests that a file had at the same place before another tool rewrote its header.
        CREATE TABLE former_digest (
            content_id INTEGER NOT NULL REFERENCES content (id) ON DELETE CASCADE,
            sha256 BLOB NOT NULL,
            PRIMARY KEY (sha256, content_id)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE location (
            id INTEGER PRIMARY KEY,
            root_id INTEGER NOT NULL REFERENCES root (id),
            path BLOB NOT NULL,
            content_id INTEGER NOT NULL REFERENCES content (id),
            size INTEGER NOT NULL,
            modified_ns INTEGER NOT NULL,
            changed_ns INTEGER NOT NULL,
            inode INTEGER NOT NULL,
            device INTEGER NOT NULL,
            -- 0 found, 1 header read, 2 hashed
            stage INTEGER NOT NULL DEFAULT 0,
            -- Looked at so soon after it was written that a later write may have left no trace in its times.
            unsettled INTEGER NOT NULL DEFAULT 0,
            missing INTEGER NOT NULL DEFAULT 0,
            problem_code TEXT,
            problem TEXT,
            claim_owner TEXT,
            claim_until INTEGER,
            added_at INTEGER NOT NULL,
            -- What lists are filtered and sorted by, derived from every source by precedence.
            name TEXT,
            type TEXT,
            base_model TEXT,
            favorite INTEGER NOT NULL DEFAULT 0,
            UNIQUE (root_id, path)
        ) STRICT;
        CREATE INDEX location_content ON location (content_id);
        CREATE INDEX location_inode ON location (inode, size);

        CREATE TABLE remote (
            content_id INTEGER NOT NULL REFERENCES content (id) ON DELETE CASCADE,
            source TEXT NOT NULL,
            status TEXT NOT NULL CHECK (status IN ('pending', 'found', 'not_found', 'gone', 'ambiguous')),
            model_id INTEGER,
            version_id INTEGER,
            file_id INTEGER,
            matched_by TEXT,
            summary BLOB,
            pinned INTEGER NOT NULL DEFAULT 0,
            attempts INTEGER NOT NULL DEFAULT 0,
            checked_at INTEGER,
            due_at INTEGER NOT NULL DEFAULT 0,
            problem TEXT,
            claim_owner TEXT,
            claim_until INTEGER,
            PRIMARY KEY (content_id, source)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX remote_version ON remote (source, model_id, version_id) WHERE model_id IS NOT NULL;

        -- Every answer of a service that differs from the one before it, compressed.
        CREATE TABLE payload (
            id INTEGER PRIMARY KEY,
            source TEXT NOT NULL,
            kind TEXT NOT NULL,
            object_id INTEGER NOT NULL,
            fetched_at INTEGER NOT NULL,
            digest BLOB NOT NULL,
            body BLOB NOT NULL
        ) STRICT;
        CREATE INDEX payload_object ON payload (source, kind, object_id, fetched_at);

        -- What the user or a sidecar says of a content; values are JSON.
        CREATE TABLE statement (
            content_id INTEGER NOT NULL REFERENCES content (id) ON DELETE CASCADE,
            source TEXT NOT NULL,
            field TEXT NOT NULL,
            value TEXT NOT NULL,
            said_at INTEGER NOT NULL,
            PRIMARY KEY (content_id, source, field)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE statement_history (
            id INTEGER PRIMARY KEY,
            content_id INTEGER NOT NULL REFERENCES content (id) ON DELETE CASCADE,
            source TEXT NOT NULL,
            field TEXT NOT NULL,
            old_value TEXT,
            new_value TEXT,
            reason TEXT NOT NULL,
            at INTEGER NOT NULL
        ) STRICT;

        -- Tags of a content from every source, for the filter.
        CREATE TABLE tag (
            content_id INTEGER NOT NULL REFERENCES content (id) ON DELETE CASCADE,
            tag TEXT NOT NULL COLLATE NOCASE,
            PRIMARY KEY (content_id, tag)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX tag_name ON tag (tag);

        -- How long a host asked every process to wait.
        CREATE TABLE pace (
            host TEXT PRIMARY KEY,
            not_before INTEGER NOT NULL
        ) STRICT;

        CREATE VIRTUAL TABLE model_text USING fts5 (
            name, words, tags, description, notes, path, tokenize = 'unicode61 remove_diacritics 2', prefix = '2 3'
        );
        """

    private static let sidecars = """
        -- Digests that a sidecar told and nobody has computed here yet.
        ALTER TABLE content ADD COLUMN adopted INTEGER NOT NULL DEFAULT 0;
        CREATE INDEX content_adopted ON content (id) WHERE adopted;

        -- What was last written into a sidecar, by its path.
        CREATE TABLE sidecar (
            path BLOB PRIMARY KEY,
            base BLOB NOT NULL,
            wish BLOB NOT NULL,
            size INTEGER NOT NULL,
            modified_ns INTEGER NOT NULL,
            changed_ns INTEGER NOT NULL,
            inode INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        """
}
