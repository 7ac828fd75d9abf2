/// What went wrong, in the words that every face of modelshelf uses.
///
/// The set is open: a newer library may send a code that an older program does not know, so a code is a text and
/// not an enumeration. ``ErrorCode/table`` is the one place that says what each code means for C, Python and the
/// command line; `docs/errors.md` prints it, and a test holds the copies together.
public struct ErrorCode: RawRepresentable, Hashable, Sendable {
    public let rawValue: String

    public init(rawValue: String) {
        self.rawValue = rawValue
    }

    private init(_ text: String) {
        rawValue = text
    }

    public static let usage = ErrorCode("usage")
    public static let notFound = ErrorCode("not_found")
    public static let unreadable = ErrorCode("unreadable")
    public static let corruptFile = ErrorCode("corrupt_file")
    public static let unsafeFile = ErrorCode("unsafe_file")
    public static let unsupportedFormat = ErrorCode("unsupported_format")
    public static let network = ErrorCode("network")
    public static let timeout = ErrorCode("timeout")
    public static let rateLimited = ErrorCode("rate_limited")
    public static let unauthorized = ErrorCode("unauthorized")
    public static let forbidden = ErrorCode("forbidden")
    public static let earlyAccess = ErrorCode("early_access")
    public static let gone = ErrorCode("gone")
    public static let regionBlocked = ErrorCode("region_blocked")
    public static let serverError = ErrorCode("server_error")
    public static let badResponse = ErrorCode("bad_response")
    public static let hashMismatch = ErrorCode("hash_mismatch")
    public static let noSpace = ErrorCode("no_space")
    public static let storeError = ErrorCode("store_error")
    public static let storeBusy = ErrorCode("store_busy")
    public static let ambiguous = ErrorCode("ambiguous")
    public static let fileChanged = ErrorCode("file_changed")
    public static let offlineRoot = ErrorCode("offline_root")
    public static let tooLarge = ErrorCode("too_large")
    public static let cancelled = ErrorCode("cancelled")
    public static let internalError = ErrorCode("internal")
}

extension ErrorCode {
    /// One row of the table: a code and what it becomes on each face.
    public struct Row: Sendable {
        public let code: ErrorCode
        /// Value of `ms_status`. Pinned: a number is never used for another meaning.
        public let status: Int32
        /// Name of the Python class, a subclass of `modelshelf.Error`.
        public let pythonClass: String
        /// Exit status of the command line when this ends the command.
        public let exitStatus: Int32
        public let meaning: String
    }

    /// The one table of errors.
    public static let table: [Row] = [
        Row(
            code: .usage, status: 1, pythonClass: "UsageError", exitStatus: 2,
            meaning: "The call or the command line is wrong."),
        Row(
            code: .notFound, status: 2, pythonClass: "NotFound", exitStatus: 3,
            meaning: "There is nothing by that name, here or on the service."),
        Row(
            code: .unreadable, status: 3, pythonClass: "Unreadable", exitStatus: 1,
            meaning: "The file or folder exists but cannot be read."),
        Row(
            code: .corruptFile, status: 4, pythonClass: "CorruptFile", exitStatus: 1,
            meaning: "The file is not whole, or not what its name says."),
        Row(
            code: .unsafeFile, status: 5, pythonClass: "UnsafeFile", exitStatus: 1,
            meaning: "Loading the file could run foreign code."),
        Row(
            code: .unsupportedFormat, status: 6, pythonClass: "UnsupportedFormat", exitStatus: 1,
            meaning: "The format is known, but not one that modelshelf reads."),
        Row(
            code: .network, status: 7, pythonClass: "NetworkError", exitStatus: 4,
            meaning: "The service could not be reached."),
        Row(
            code: .timeout, status: 8, pythonClass: "Timeout", exitStatus: 4,
            meaning: "The service did not answer in time."),
        Row(
            code: .rateLimited, status: 9, pythonClass: "RateLimited", exitStatus: 4,
            meaning: "The service asks for fewer requests."),
        Row(
            code: .unauthorized, status: 10, pythonClass: "Unauthorized", exitStatus: 4,
            meaning: "The service wants a valid API key."),
        Row(
            code: .forbidden, status: 11, pythonClass: "Forbidden", exitStatus: 4,
            meaning: "The service refuses this account or address."),
        Row(
            code: .earlyAccess, status: 12, pythonClass: "EarlyAccess", exitStatus: 4,
            meaning: "The version is for buyers of early access for now."),
        Row(
            code: .gone, status: 13, pythonClass: "Gone", exitStatus: 3,
            meaning: "The service had it and has it no more."),
        Row(
            code: .regionBlocked, status: 14, pythonClass: "RegionBlocked", exitStatus: 4,
            meaning: "The service does not serve this country."),
        Row(
            code: .serverError, status: 15, pythonClass: "ServerError", exitStatus: 4,
            meaning: "The service failed."),
        Row(
            code: .badResponse, status: 16, pythonClass: "BadResponse", exitStatus: 4,
            meaning: "The service answered with something else than asked."),
        Row(
            code: .hashMismatch, status: 17, pythonClass: "HashMismatch", exitStatus: 1,
            meaning: "The bytes are not those that were promised or recorded."),
        Row(
            code: .noSpace, status: 18, pythonClass: "NoSpace", exitStatus: 5,
            meaning: "The disk is full."),
        Row(
            code: .storeError, status: 19, pythonClass: "StoreError", exitStatus: 5,
            meaning: "The database cannot be used."),
        Row(
            code: .storeBusy, status: 20, pythonClass: "StoreBusy", exitStatus: 5,
            meaning: "Another process holds the database."),
        Row(
            code: .ambiguous, status: 21, pythonClass: "Ambiguous", exitStatus: 3,
            meaning: "The name fits several models."),
        Row(
            code: .fileChanged, status: 22, pythonClass: "FileChanged", exitStatus: 1,
            meaning: "The file changed while it was read."),
        Row(
            code: .offlineRoot, status: 23, pythonClass: "OfflineRoot", exitStatus: 1,
            meaning: "The folder is registered but not there now."),
        Row(
            code: .tooLarge, status: 24, pythonClass: "TooLarge", exitStatus: 1,
            meaning: "The input is over a limit that protects the process."),
        Row(
            code: .cancelled, status: 25, pythonClass: "Cancelled", exitStatus: 130,
            meaning: "The caller stopped it; what was finished is kept."),
        Row(
            code: .internalError, status: 26, pythonClass: "InternalError", exitStatus: 1,
            meaning: "A defect in modelshelf."),
    ]

    /// The row of this code; codes that this build does not know are treated as internal.
    public var row: Row {
        Self.table.first { $0.code == self }
            ?? Row(code: self, status: 26, pythonClass: "InternalError", exitStatus: 1, meaning: "")
    }
}
