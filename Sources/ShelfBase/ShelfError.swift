/// The one error that modelshelf throws.
///
/// ``message`` says what happened to which thing; ``hint`` says what to do next. Neither ever holds a token, a bound
/// SQL value or file content.
public struct ShelfError: Error, Sendable, CustomStringConvertible {
    public var code: ErrorCode
    public var message: String
    public var path: FilePath?
    public var hint: String?
    /// What else the name fits, when ``code`` is ``ErrorCode/ambiguous``.
    public var candidates: [String]

    public init(
        _ code: ErrorCode, _ message: String, path: FilePath? = nil, hint: String? = nil, candidates: [String] = []
    ) {
        self.code = code
        self.message = message
        self.path = path
        self.hint = hint
        self.candidates = candidates
    }

    public var description: String {
        var text = message
        if let path, !message.hasPrefix(path.display) { text = "\(path.display): \(text)" }
        if let hint { text += " (\(hint))" }
        return text
    }

    /// The error of a failed system call on a path, in words that name the remedy.
    public static func system(_ number: Int32, _ action: String, _ path: FilePath) -> ShelfError {
        let reason = SystemErrorText.text(number)
        switch number {
        case SystemErrorText.noEntry, SystemErrorText.notDirectory:
            return ShelfError(.notFound, "cannot \(action): \(reason)", path: path)
        case SystemErrorText.noSpace, SystemErrorText.quota:
            return ShelfError(
                .noSpace, "cannot \(action): \(reason)", path: path, hint: "free some space and run it again")
        case SystemErrorText.accessDenied, SystemErrorText.notPermitted:
            let isReading = ["open", "read", "list", "look"].contains { action.hasPrefix($0) }
            return ShelfError(
                .unreadable, "cannot \(action): \(reason)", path: path,
                hint: "give the user that runs modelshelf the right to \(isReading ? "read it" : "write there")")
        default:
            return ShelfError(.unreadable, "cannot \(action): \(reason)", path: path)
        }
    }

    /// The error document of `--json`, of the C ABI and of Python's exceptions.
    public var json: JSONObject {
        var body = JSONObject()
        body["code"] = .string(code.rawValue)
        body["message"] = .string(message)
        body["path"] = path.map { .string($0.display) } ?? .null
        body["hint"] = hint.map { .string($0) } ?? .null
        if !candidates.isEmpty { body["candidates"] = .array(candidates.map { .string($0) }) }
        return body
    }
}
