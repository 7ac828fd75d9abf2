internal import ShelfBase

/// Where the Python files of the package are: the folder that holds `modelshelf/`.
enum PackageFolder {
    /// `$MODELSHELF_PYTHONPATH`, else `../share/modelshelf/python` beside the program, else the source tree that the
    /// program was built in; nil leaves it to Python's own path.
    static func find(program: FilePath) -> FilePath? {
        if let named = Environment.path("MODELSHELF_PYTHONPATH") { return Paths.absolute(named) }
        let installed = program.parent.parent.appending(FilePath("share/modelshelf/python"))
        if holdsPackage(installed) { return installed }
        // `.build/x86_64-unknown-linux-gnu/release/modelshelf` lies four folders below the tree.
        var folder = program.parent
        for _ in 0..<5 where !folder.isEmpty {
            let sources = folder.appending(FilePath("python"))
            if isThere(folder.appending(FilePath("Package.swift"))), holdsPackage(sources) { return sources }
            folder = folder.parent
        }
        return nil
    }

    private static func holdsPackage(_ folder: FilePath) -> Bool {
        isThere(folder.appending(FilePath("modelshelf/__init__.py")))
    }

    private static func isThere(_ path: FilePath) -> Bool {
        if case .success = FileIdentity.of(path) { true } else { false }
    }
}
