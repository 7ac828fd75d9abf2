internal import ShelfBase

/// Where modelshelf keeps its database: `$MODELSHELF_HOME`, else the user's data folder.
enum HomeFolder {
    static func path() -> FilePath {
        if let home = Environment.path("MODELSHELF_HOME") { return home }
        // The rules of XDG: a relative path is as good as none.
        if let data = Environment.path("XDG_DATA_HOME"), data.isAbsolute { return data.appending("modelshelf") }
        return (ofUser() ?? FilePath("/")).appending(".local/share/modelshelf")
    }

    /// The user's own home folder, `~`.
    static func ofUser() -> FilePath? { Environment.path("HOME") ?? Environment.accountHome() }

    static func database() -> FilePath { path().appending("modelshelf.db") }

    static func configuration() -> FilePath { path().appending(Configuration.fileName) }
}
