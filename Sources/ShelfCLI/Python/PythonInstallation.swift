internal import Glibc
internal import ShelfBase

/// A CPython of this machine: its program, which tells where its files are, and its library.
struct PythonInstallation: Equatable {
    /// The path of the program, not resolved: beside it lies what makes a virtual environment one.
    let program: FilePath
    /// libpython.
    let library: FilePath

    /// What a program of Python says of itself.
    struct Answer: Equatable {
        let implementation: String
        let major: Int
        let minor: Int
        let program: FilePath
        /// Folders in which the library may lie, the likeliest first.
        let folders: [FilePath]
        /// Names that the library may have.
        let names: [FilePath]
        let isFreeThreaded: Bool

        var version: String { "\(major).\(minor)" }
    }

    /// Prints the fields of ``Answer`` with NUL between them. Understood by every Python 3.
    static let question = """
        import os, sys, sysconfig
        get = lambda name: sysconfig.get_config_var(name) or ""
        real = os.path.dirname(os.path.realpath(sys.executable or ""))
        version = "%d.%d" % sys.version_info[:2]
        plain = "libpython" + version + getattr(sys, "abiflags", "") + ".so"
        fields = [
            sys.implementation.name, version, sys.executable or "", str(get("Py_GIL_DISABLED") or 0),
            "\\n".join([get("LIBDIR"), os.path.join(sys.base_prefix, "lib"), os.path.join(real, os.pardir, "lib"),
                os.path.join(get("LIBDIR"), get("MULTIARCH")), get("LIBPL")]),
            "\\n".join(name for name in [get("INSTSONAME"), get("LDLIBRARY"), plain + ".1.0", plain] if ".so" in name),
        ]
        os.write(1, b"\\0".join(os.fsencode(each) for each in fields))
        """

    /// Takes apart what ``question`` printed; nil when it is something else.
    static func answer(_ bytes: [UInt8]) -> Answer? {
        let fields = bytes.split(separator: 0, omittingEmptySubsequences: false)
        guard fields.count == 6 else { return nil }
        let numbers = String(decoding: fields[1], as: UTF8.self).split(separator: ".").compactMap { Int($0) }
        guard numbers.count == 2, !fields[2].isEmpty else { return nil }
        func lines(_ field: ArraySlice<UInt8>) -> [FilePath] {
            field.split(separator: UInt8(ascii: "\n")).map { FilePath(bytes: $0) }
        }
        return Answer(
            implementation: String(decoding: fields[0], as: UTF8.self), major: numbers[0], minor: numbers[1],
            program: FilePath(bytes: fields[2]), folders: lines(fields[4]), names: lines(fields[5]),
            isFreeThreaded: fields[3].elementsEqual("1".utf8))
    }

    /// Asks a program of Python for its library.
    static func of(program: FilePath) throws(ShelfError) -> PythonInstallation {
        let other = "MODELSHELF_PYTHON names another Python to use"
        guard let bytes = ChildProcess.output(of: program, ["-I", "-S", "-c", question]),
            let answer = answer(bytes)
        else { throw ShelfError(.notFound, "this is no Python that works", path: program, hint: other) }
        let named = "\(answer.implementation) \(answer.version)"
        guard answer.implementation == "cpython", (answer.major, answer.minor) >= (3, 10) else {
            throw ShelfError(.notFound, "CPython 3.10 or newer is needed, this is \(named)", path: program, hint: other)
        }
        guard !answer.isFreeThreaded else {
            throw ShelfError(.notFound, "a Python without the GIL cannot be used", path: program, hint: other)
        }
        for folder in answer.folders {
            for name in answer.names {
                let path = folder.appending(name)
                if access(path.display, R_OK) == 0 || path.withCString({ access($0, R_OK) }) == 0 {
                    return PythonInstallation(program: answer.program, library: path)
                }
            }
        }
        throw ShelfError(
            .notFound, "this Python \(answer.version) has no shared library", path: program,
            hint: "install libpython\(answer.version) (Debian and Ubuntu), build Python with --enable-shared "
                + "(pyenv: PYTHON_CONFIGURE_OPTS=--enable-shared pyenv install \(answer.version)), or let "
                + "MODELSHELF_PYTHON name another Python")
    }
}
