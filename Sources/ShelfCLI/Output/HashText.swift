internal import ShelfBase

/// Hashes as sha256sum prints them.
enum HashText {
    static func bytes(_ paths: [FilePath], _ results: HashResults, _ layout: Layout) -> [UInt8] {
        var text: [UInt8] = []
        for path in paths {
            guard case .hashes(let hashes) = results[path] else { continue }
            let (mark, name) = name(path, layout)
            for (algorithm, digest) in hashes.members {
                text += mark
                if hashes.count > 1 { text += (algorithm + "  ").utf8 }
                text += ((digest.string ?? "-") + "  ").utf8 + name + [0x0a]
            }
        }
        return text
    }

    /// A file or pipe gets the very bytes, which other programs read; a terminal does not get control characters.
    ///
    /// `escapesOnly` names the byte that makes escapes necessary: sha256sum is content with fewer when it checks.
    static func name(
        _ path: FilePath, _ layout: Layout, escapesOnly byte: UInt8? = nil
    ) -> (mark: [UInt8], name: [UInt8]) {
        let isPlain = byte.map { !path.bytes.contains($0) } ?? false
        let (mark, name) = isPlain ? ([], path.bytes) : SumName.escape(path)
        return (mark, layout.isTerminal ? Array(SafeText.line(FilePath(bytes: name)).utf8) : name)
    }
}

/// Entries of `"failed"` lists.
enum FailureText {
    static func message(_ failure: JSONValue) -> Message {
        .error(
            ShelfError(
                code(failure), failure["message"]?.string ?? "failed", path: HashResults.path(failure),
                hint: failure["hint"]?.string))
    }

    static func outcome(_ failure: JSONValue) -> Outcome { .failed(code(failure)) }

    private static func code(_ failure: JSONValue) -> ErrorCode {
        failure["code"]?.string.map { ErrorCode(rawValue: $0) } ?? .internalError
    }
}
