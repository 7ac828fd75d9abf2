internal import ShelfBase

extension Command {
    static let python = Command(
        name: "python",
        summary: "Run Python in this process, with the package modelshelf importable and no wheel installed.",
        details: [
            "What follows is python3's own command line: a file, -c, -m, its options, or nothing for a prompt. Options of "
                + "modelshelf stand before the word python.",
            "The Python is that of $MODELSHELF_PYTHON (a program or a libpython), else of the active virtual environment, "
                + "else python3: CPython 3.10 or newer, with its shared library.",
        ],
        arguments: [
            ArgumentSpec(
                "FILE|-c CODE|-m MODULE", .file, optional: true, "What to run; standard input when there is nothing."),
            ArgumentSpec("ARG", .file, optional: true, repeats: true, "Words for sys.argv."),
        ],
        examples: [
            Example("modelshelf python organise.py ~/models", "Run a script."),
            Example(
                "modelshelf python -c 'import modelshelf; print(len(modelshelf.get_manager()))'",
                "Count the models of the library."),
        ],
        takesRest: true,
        ownsSignals: { _ in false }
    ) { (invocation, context) throws(ShelfError) -> Output in
        Output(status: try EmbeddedPython(invocation.global).run(invocation.arguments))
    }
}
