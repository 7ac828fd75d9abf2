extension Schema {
    /// What holds below a root. From here on `root.registered` is a sum: 1 by the user, 2 by the configuration.
    static let rootSettings = """
        -- JSON of what the user said holds below the root.
        ALTER TABLE root ADD COLUMN settings TEXT;
        -- The path by which the configuration names the root: links in it may lead nowhere while a disk is away.
        ALTER TABLE root ADD COLUMN named BLOB;
        """
}
