public import ShelfBase

/// Where the sidecar of a model lies: beside it, or in a folder that gathers the sidecars of folders that cannot be
/// written to.
public enum SidecarPlace {
    /// - Parameters:
    ///   - suffix: what the dialect adds to the model's name.
    ///   - folder: the gathering folder. Below it stands the model's whole path, so that two models of one name in two
    ///     folders have two sidecars, and a folder that is unregistered or scanned as part of another keeps its own.
    public static func path(of model: FilePath, suffix: String, gatheredIn folder: FilePath?) -> FilePath {
        let name = FilePath(bytes: model.bytes + Array(suffix.utf8))
        guard let folder else { return name }
        let absolute = Paths.absolute(model)
        let place = Paths.resolved(absolute.parent) ?? withoutDots(absolute.parent)
        let below = FilePath(bytes: place.bytes.drop { $0 == UInt8(ascii: "/") })
        return folder.appending(below).appending(name.lastComponent)
    }

    /// For a folder that is not there: `..` must not lead out of the gathering folder.
    private static func withoutDots(_ path: FilePath) -> FilePath {
        var parts: [ArraySlice<UInt8>] = []
        for part in path.bytes.split(separator: UInt8(ascii: "/")) {
            if part.elementsEqual("..".utf8) {
                _ = parts.popLast()
            } else if !part.elementsEqual(".".utf8) {
                parts.append(part)
            }
        }
        return FilePath(bytes: [UInt8](parts.joined(separator: [UInt8(ascii: "/")])))
    }
}
