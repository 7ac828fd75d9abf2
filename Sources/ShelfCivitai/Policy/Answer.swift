public import ShelfBase

/// What the body of an answer is, found by looking at it: a proxy in between may send a page under any status.
public enum AnswerBody: Sendable, Equatable {
    case json(JSONValue)
    case html
    /// Neither JSON nor a page: its first characters, for the error message.
    case other(String)
    case empty

    /// Reads the body of an answer.
    public static func read(_ response: HTTPResponse) -> AnswerBody {
        let start = response.body.firstIndex { $0 > 0x20 } ?? response.body.endIndex
        guard start < response.body.endIndex else { return .empty }
        // A page never begins like JSON, so the content type need not be believed.
        if response.body[start] == UInt8(ascii: "<") { return .html }
        if let value = LenientJSON.parse(response.body) { return .json(value) }
        let first = response.body[start...].prefix(120)
        // A file in place of an answer has no words for anybody.
        return .other(first.contains { $0 < 0x09 } ? "" : String(decoding: first, as: UTF8.self))
    }

    /// The service's own words in an error answer: `error` or `message`, as text or wrapped in an object.
    public var serviceMessage: String? {
        switch self {
        case .json(let value):
            let error = value["error"]
            let text =
                value["message"]?.string.flatMap { error?.string == nil ? $0 : nil } ?? error?.string
                ?? error?["message"]?.string ?? value["message"]?.string
            return text.map { Self.harmless(String($0.prefix(300))) }
        case .other(let text): return text.isEmpty ? nil : Self.harmless(text)
        case .html, .empty: return nil
        }
    }

    /// Without secrets, and without what moves a terminal's cursor or turns text around.
    private static func harmless(_ text: String) -> String {
        // Lines are joined by blanks, not glued together.
        let lines = text.split(whereSeparator: \.isNewline).joined(separator: " ")
        let scalars = lines.unicodeScalars.filter { scalar in
            switch scalar.properties.generalCategory {
            case .control, .format, .surrogate, .privateUse, .unassigned: false
            default: scalar != "\u{fffd}"
            }
        }
        return Redaction.text(String(String.UnicodeScalarView(scalars)))
    }
}
