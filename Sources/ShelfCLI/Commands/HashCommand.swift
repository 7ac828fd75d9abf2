internal import ModelShelf
internal import ShelfBase

extension Command {
    static let hash = Command(
        name: "hash", summary: "Print hashes of files, or check them.",
        details: [
            "Prints 'HEX  PATH' as sha256sum does, names with line breaks or backslashes escaped as it escapes them; "
                + "with several algorithms 'ALGORITHM  HEX  PATH', one line each, and '-' for a hash that a file does "
                + "not have. Each file is read once.",
            "--check reads what sha256sum and b3sum write and prints 'PATH: OK' or 'PATH: FAILED'. Both programs write "
                + "64 digits; without --algo either may match.",
            "Algorithms: \(FileTools.algorithms.joined(separator: ", ")). 'all' stands for those that scan remembers. "
                + "A folder has InvokeAI's hash, and no other.",
        ],
        arguments: [ArgumentSpec("FILE", .file, optional: true, repeats: true, "Files to hash.")],
        options: [
            .value(
                "--algo", "NAME[,NAME]|all", .words(FileTools.algorithms + ["all"]), repeats: true,
                "The algorithms; sha256 by default."),
            .value("--jobs", "N", .number, "Hash with N threads; one on each processor by default."),
            .background,
            .value(
                "--check", "SUMFILE", .file, repeats: true,
                "Check the files that a checksum file names; '-' is standard input."),
        ],
        examples: [
            Example("modelshelf hash *.safetensors > SHA256SUMS", "What sha256sum would write, on all processors."),
            Example("modelshelf hash --check SHA256SUMS", "Check them later."),
            Example("modelshelf hash --algo autov2,autov3 x.safetensors", "The short forms that Civitai shows."),
        ]
    ) { (invocation, context) throws(ShelfError) -> Output in
        let chosen = try hashAlgorithms(invocation)
        let jobs = try invocation.number("--jobs", minimum: 1, maximum: 1024)
        if invocation.has("--background") { ThreadPriority.lower() }
        let sums = invocation.values("--check")
        guard sums.isEmpty else {
            guard invocation.arguments.isEmpty else {
                throw ShelfError(.usage, "--check takes the files from SUMFILE: name no others")
            }
            return try checkSums(sums, chosen, jobs, context)
        }
        guard !invocation.arguments.isEmpty else { throw ShelfError(.usage, "hash needs FILE or --check SUMFILE") }
        let algorithms = chosen.isEmpty ? ["sha256"] : chosen
        let document = try hashFiles(invocation.arguments, algorithms, jobs, context)
        let results = HashResults(document)
        let failures = document["failed"]?.array ?? []
        return Output(
            document: document, messages: failures.map(FailureText.message),
            outcomes: (document["files"]?.array ?? []).map { _ in .done } + failures.map(FailureText.outcome),
            bytes: { HashText.bytes(invocation.arguments, results, $0) })
    }

    /// The algorithms in the order of the line; empty when none was chosen.
    static func hashAlgorithms(_ invocation: Invocation) throws(ShelfError) -> [String] {
        var chosen: [String] = []
        for value in invocation.values("--algo") {
            let names = try Invocation.text(value, of: "--algo").split(separator: ",", omittingEmptySubsequences: false)
            for word in names {
                let name = word.lowercased()
                guard name == "all" || FileTools.algorithms.contains(name) else {
                    let nearest = Suggestion.nearest(name, among: FileTools.algorithms)
                    throw ShelfError(
                        .usage, "unknown algorithm '\(SafeText.line(String(word)))'",
                        hint: nearest.map { "did you mean '\($0)'?" }
                            ?? "known are " + FileTools.algorithms.joined(separator: ", "))
                }
                if !chosen.contains(name) { chosen.append(name) }
            }
        }
        return chosen
    }

    private static func hashFiles(
        _ paths: [FilePath], _ algorithms: [String], _ jobs: Int?, _ context: Context
    ) throws(ShelfError) -> JSONObject {
        try context.work { (cancellation, reporter) throws(ShelfError) -> JSONObject in
            try context.engine.hash(paths, algorithms: algorithms, jobs: jobs, cancellation: cancellation) {
                done, total in
                reporter.show("hashing", bytes: done, total: total)
                return true
            }
        }
    }

    private static func checkSums(
        _ files: [FilePath], _ chosen: [String], _ jobs: Int?, _ context: Context
    ) throws(ShelfError) -> Output {
        var lists = try SumLists(files, context.console.terminal)
        var checked = CheckedSums()
        try context.work { (cancellation, reporter) throws(ShelfError) in
            let total = try lists.survey(cancellation)
            var before: Int64 = 0
            while let portion = try lists.next() {
                try cancellation.check()
                var bytes: Int64 = 0
                let document = try context.engine.hash(
                    portion.paths, algorithms: algorithms(of: portion, chosen), jobs: jobs, cancellation: cancellation
                ) { done, known in
                    bytes = known
                    reporter.show(
                        "hashing", bytes: before.addingClamped(done), total: max(total, before.addingClamped(known)))
                    return true
                }
                before = before.addingClamped(bytes)
                let results = HashResults(document)
                checked.add(portion.lines.map { SumCheck.verdict($0, chosen: chosen, results[$0.path]) })
                checked.malformed += portion.malformed
            }
        }
        return CheckText.output(checked)
    }

    /// What the lines ask for may all be unknown; whether the files are there is told all the same.
    private static func algorithms(of portion: SumFile, _ chosen: [String]) -> [String] {
        var algorithms: [String] = []
        for line in portion.lines {
            let meant = SumCheck.algorithms(of: line, chosen: chosen, known: FileTools.algorithms)
            algorithms += meant.filter { !algorithms.contains($0) }
        }
        return algorithms.isEmpty ? ["sha256"] : algorithms
    }
}
