internal import ShelfBase

/// Where modelshelf keeps its database: `$MODELSHELF_HOME`, else the user's data folder.
enum HomeFolder {
    static func path() -> FilePath {
        if let home = Environment.path("MODELSHELF_HOME") { return home }
        if let data = Environment.path("XDG_DATA_HOME") { return data.appending("modelshelf") }
        return (Environment.path("HOME") ?? FilePath("/")).appending(".local/share/modelshelf")
    }

    static func database() -> FilePath { path().appending("modelshelf.db") }
}
