internal import ShelfBase
internal import ShelfFormats
internal import ShelfIdentify

/// What a header tells of a file, in the shape of `inspect --json`.
enum Inspection {
    static func facts(path: FilePath, header: FileHeader, identification: Identification) -> JSONObject {
        inspectionObject(path: path, header: header, identification: identification)
    }
}
