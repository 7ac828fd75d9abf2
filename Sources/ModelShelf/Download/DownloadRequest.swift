public import ShelfBase

/// What is to be downloaded, and how.
public struct DownloadRequest: Sendable {
    /// A Civitai URL or AIR, `model:ID`, `version:ID`, a hash, or an address of a file on Hugging Face.
    public var what: String
    /// The folder that it goes to. Nil: the registered folder of the model's type, else the current one.
    public var folder: FilePath?
    /// The id of one file of the version.
    public var file: Int64?
    /// The kind of file of the version, such as `VAE`; the main one when nil.
    public var type: String?
    /// Fetch a picture as well. Nil, here and below, is as the configuration says.
    public var previews: Bool?
    /// The most adult level of that picture: `pg pg13 r x xxx`.
    public var previewLevel: String?
    /// Compare the bytes with the published digest.
    public var verify = true
    /// Parts fetched at once; 1 when nobody says.
    public var connections: Int?
    /// A key for Hugging Face, of this download only and never kept; `HF_TOKEN` when nil.
    public var huggingFaceToken: String?
    /// Where it goes when neither ``folder`` nor its type says so; the current folder when nil.
    var fallback: FilePath?

    public init(_ what: String, to folder: FilePath? = nil) {
        self.what = what
        self.folder = folder
    }
}

/// What a download gave.
public struct DownloadReport: Sendable {
    public var path: FilePath
    public var bytes: Int64
    public var resumedFrom: Int64
    public var sha256: String
    public var isVerified: Bool
    /// Nothing was fetched: the file was there.
    public var wasThere: Bool
    /// The record of the file; nil without a database.
    public var model: ModelRecord?
    /// What a person should know although nothing failed.
    public var warnings: [String] = []

    public var json: JSONObject {
        [
            "path": .string(path.display), "path_bytes": .optional(path.base64IfNotUTF8), "bytes": .int(bytes),
            "resumed_from": .int(resumedFrom), "sha256": .string(sha256), "verified": .bool(isVerified),
            "already_there": .bool(wasThere), "model": model.map { .object($0.json) } ?? .null,
            "warnings": .strings(warnings),
        ]
    }
}

/// How far a download is. Delivered on the calling thread, about ten times a second.
public struct TransferProgress: Sendable {
    /// `asking downloading waiting verifying registering done`
    public var phase = "asking"
    public var bytes: Int64 = 0
    /// Nil while unknown.
    public var total: Int64?
    /// Bytes a second over the last seconds; 0 while unknown.
    public var bytesPerSecond: Double = 0
    public var secondsLeft: Double?
    /// The name that the file will have.
    public var name: FilePath?

    public init() {}

    public var json: JSONObject {
        [
            "phase": .string(phase), "bytes": .int(bytes), "bytes_total": .optional(total),
            "bytes_per_second": .double(bytesPerSecond), "seconds_left": .optional(secondsLeft),
            "path": .optional(name?.display),
        ]
    }
}
