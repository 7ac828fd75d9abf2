internal import ShelfBase

/// The members of a JSON object from C, each taken once and by its type; what nobody took is a mistake of the caller.
struct Options {
    private let name: String
    private var rest: JSONObject

    init(_ text: UnsafePointer<CChar>?, _ name: String) throws(ShelfError) {
        let document = try Options.document(text, name) ?? .object([:])
        try self.init(document, name)
    }

    init(_ document: JSONValue, _ name: String) throws(ShelfError) {
        guard let object = document.object else { throw Arguments.invalid("\(name) is not a JSON object") }
        self.name = name
        rest = object
    }

    /// A JSON text from C; nil for NULL.
    static func document(_ text: UnsafePointer<CChar>?, _ name: String) throws(ShelfError) -> JSONValue? {
        guard let text = try Arguments.optionalText(text, name) else { return nil }
        do {
            return try JSONValue.parse(text)
        } catch let error {
            throw Arguments.invalid("\(name) is not JSON: \(error.reason.rawValue) at byte \(error.offset)")
        }
    }

    /// A member that is there and not null.
    mutating func value(_ key: String) -> JSONValue? {
        guard let value = rest[key] else { return nil }
        rest[key] = nil
        return value.isNull ? nil : value
    }

    mutating func bool(_ key: String) throws(ShelfError) -> Bool? { try typed(key, "true or false", \.bool) }

    mutating func text(_ key: String) throws(ShelfError) -> String? { try typed(key, "a text", \.string) }

    /// A path, as `KEY` or as base64 of its bytes in `KEY_bytes`.
    mutating func path(_ key: String) throws(ShelfError) -> FilePath? {
        let text = try text(key)
        return try Arguments.path(text: text, encoded: try self.text(key + "_bytes"), key)
    }

    mutating func count(_ key: String) throws(ShelfError) -> Int? {
        try typed(key, "a number that is not negative") { $0.int.flatMap { $0 < 0 ? nil : Int(exactly: $0) } }
    }

    mutating func texts(_ key: String) throws(ShelfError) -> [String]? {
        try typed(key, "a list of texts") { value in
            let texts = value.array?.compactMap(\.string)
            return texts?.count == value.array?.count ? texts : nil
        }
    }

    /// What was not taken: for calls whose keys are open.
    mutating func takeRest() -> JSONObject {
        defer { rest = [:] }
        return rest
    }

    func finish() throws(ShelfError) {
        if let key = rest.keys.first { throw Arguments.invalid("\(name) has an unknown key: \(key)") }
    }

    private mutating func typed<Value>(
        _ key: String, _ wanted: String, _ convert: (JSONValue) -> Value?
    ) throws(ShelfError) -> Value? {
        guard let value = value(key) else { return nil }
        guard let converted = convert(value) else { throw Arguments.invalid("\(key) in \(name) must be \(wanted)") }
        return converted
    }
}
