internal import ShelfBase
internal import ShelfHashing

/// The hash that InvokeAI keeps of a folder in diffusers' layout.
///
/// The rule is that of its `ModelHash`: of all files below whose names end, in exactly this case, in one of five
/// endings, the BLAKE3 in lower-case text; these texts one after another, in the order of the paths by components, in
/// one BLAKE3. Folders behind links are not walked through.
enum ModelFolder {
    private static let endings = [".ckpt", ".safetensors", ".bin", ".pt", ".pth"].map { Array($0.utf8) }
    /// More than any model has, less than what a loop of mounts would cost.
    private static let mostFiles = 100_000
    private static let deepest = 64

    /// The files that count, in the order in which they do.
    static func files(below folder: FilePath) throws(ShelfError) -> [FilePath] {
        var found: [[FilePath]] = []
        try walk(folder, [], &found)
        return found.sorted { first, second in
            first.lexicographicallyPrecedes(second) { $0.bytes.lexicographicallyPrecedes($1.bytes) }
        }.map { components in components.reduce(folder) { $0.appending($1) } }
    }

    /// `blake3:` and the composite of the files' digests.
    static func text(_ digests: some Sequence<[UInt8]>) -> String {
        let composite = BLAKE3Stream()
        for digest in digests { Array(Hex.encode(digest).utf8).withUnsafeBytes { composite.update($0) } }
        return "blake3:" + Hex.encode(composite.finish())
    }

    private static func walk(
        _ folder: FilePath, _ components: [FilePath], _ found: inout [[FilePath]]
    ) throws(ShelfError) {
        guard components.count <= deepest, found.count <= mostFiles else {
            throw ShelfError(.tooLarge, "too many files or levels for one model", path: folder)
        }
        for entry in try FolderReader.entries(of: folder, wanted: { _, _ in .look }) {
            switch entry.identity?.kind {
            case .folder where !entry.isLink:
                try walk(folder.appending(entry.name), components + [entry.name], &found)
            case .file where endings.contains(where: { entry.name.bytes.ends(with: $0) }):
                found.append(components + [entry.name])
            default: break
            }
        }
    }
}

extension Array where Element == UInt8 {
    fileprivate func ends(with ending: [UInt8]) -> Bool { suffix(ending.count).elementsEqual(ending) }
}
