internal import Glibc
internal import ShelfBase

/// Which Python is to be used: `$MODELSHELF_PYTHON`, else that of the virtual environment, else `python3`.
enum PythonFinder {
    static func find() throws(ShelfError) -> PythonInstallation {
        if let named = Environment.path("MODELSHELF_PYTHON") {
            guard let path = program(named) else {
                throw ShelfError(
                    .notFound, "MODELSHELF_PYTHON names what is not there", path: named,
                    hint: "it takes a Python program or a libpython3.x.so")
            }
            return isLibrary(path) ? try library(path) : try .of(program: path)
        }
        if let environment = Environment.path("VIRTUAL_ENV") {
            for name in ["bin/python3", "bin/python"] {
                let path = environment.appending(FilePath(name))
                if isProgram(path) { return try .of(program: path) }
            }
            throw ShelfError(
                .notFound, "the virtual environment has no Python", path: environment,
                hint: "activate another one, or unset VIRTUAL_ENV")
        }
        guard let path = program(FilePath("python3")) else {
            throw ShelfError(
                .notFound, "there is no python3 on the PATH",
                hint: "install Python 3.10 or newer, or let MODELSHELF_PYTHON name one")
        }
        return try .of(program: path)
    }

    /// A library does not tell where its files are: that does the program of its virtual environment, or the one that
    /// was installed with it.
    private static func library(_ path: FilePath) throws(ShelfError) -> PythonInstallation {
        if let environment = Environment.path("VIRTUAL_ENV") {
            let program = environment.appending(FilePath("bin/python3"))
            if isProgram(program) { return PythonInstallation(program: program, library: path) }
        }
        let real = Paths.resolved(path) ?? path
        let version = version(inName: real.lastComponent) ?? version(inName: path.lastComponent)
        let names = [version.map { "python\($0)" }, "python3"].compactMap { $0 }
        for folder in [real.parent.parent, real.parent.parent.parent] {
            for name in names {
                let program = folder.appending(FilePath("bin/\(name)"))
                if isProgram(program) { return PythonInstallation(program: program, library: path) }
            }
        }
        if let version, let program = program(FilePath("python\(version)")) {
            return PythonInstallation(program: program, library: path)
        }
        throw ShelfError(
            .notFound, "there is no program beside this library that tells where its files are", path: path,
            hint: "let MODELSHELF_PYTHON name the Python program, or set VIRTUAL_ENV")
    }

    /// `3.12` of `libpython3.12.so.1.0`.
    static func version(inName name: FilePath) -> String? {
        let text = name.display
        guard text.hasPrefix("libpython") else { return nil }
        let version = text.dropFirst("libpython".count).prefix { $0.isNumber || $0 == "." }
        let parts = version.split(separator: ".")
        return parts.count >= 2 ? "\(parts[0]).\(parts[1])" : nil
    }

    static func isLibrary(_ path: FilePath) -> Bool {
        let name = path.lastComponent.display
        return name.hasSuffix(".so") || name.contains(".so.")
    }

    /// A path as it is, a bare name from the `PATH`.
    private static func program(_ name: FilePath) -> FilePath? {
        if name.bytes.contains(UInt8(ascii: "/")) {
            guard case .success(let identity) = FileIdentity.of(name), identity.kind != .folder else { return nil }
            return Paths.absolute(name)
        }
        let folders = Environment.path("PATH")?.bytes.split(separator: UInt8(ascii: ":")) ?? []
        return folders.map { Paths.absolute(FilePath(bytes: $0).appending(name)) }.first(where: isProgram)
    }

    private static func isProgram(_ path: FilePath) -> Bool {
        guard case .success(let identity) = FileIdentity.of(path), identity.kind != .folder else { return false }
        return path.withCString { access($0, X_OK) } == 0
    }
}
