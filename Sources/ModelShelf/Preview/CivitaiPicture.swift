public import ShelfBase
internal import ShelfCivitai

/// A picture at an address, without a database. Nil settings come from the environment.
public enum CivitaiPicture {
    /// Where a picture was put, and what it is.
    public struct Saved: Sendable {
        public var path: FilePath
        /// The ending of what the bytes are: `png jpg webp gif avif jxl`.
        public var ending: String

        public var json: JSONObject {
            [
                "path": .string(path.display), "path_bytes": .optional(path.base64IfNotUTF8),
                "ending": .string(ending),
            ]
        }
    }

    /// Fetches a picture and writes it to `path` in one step; with `addsEnding` the true ending is added to that.
    /// What is no picture is refused and nothing is written.
    public static func fetch(
        _ address: String, to path: FilePath, addsEnding: Bool, baseURL: String?, offline: Bool?,
        cancellation: Cancellation = Cancellation()
    ) throws(ShelfError) -> Saved {
        guard let url = HTTPURL(address) else {
            throw ShelfError(.usage, "not an address: \(Redaction.text(address))")
        }
        // The image service wants no key, so that none is given to the client.
        let client = try CivitaiLookup.client(nil, baseURL, offline)
        let picture = try PictureFetcher(client: client).fetch(url, cancellation)
        let ending = picture.kind.fileExtension
        let place = addsEnding ? FilePath(bytes: path.bytes + Array(".\(ending)".utf8)) : path
        try PreviewFile.write(picture.bytes, to: place)
        return Saved(path: place, ending: ending)
    }
}
