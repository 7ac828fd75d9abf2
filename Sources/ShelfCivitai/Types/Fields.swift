internal import ShelfBase

/// Reads members of a foreign JSON object without ever failing: what is missing or of another type is nil or empty.
///
/// The server drops nulls and empty lists on one route and sends them on another, and its lists of names grow; so the
/// only thing that a decoded object must have is its id.
struct Fields {
    let json: JSONValue

    func string(_ key: String) -> String? { json[key]?.string }

    /// A text that is not blank.
    func name(_ key: String) -> String? { string(key).flatMap { $0.allSatisfy(\.isWhitespace) ? nil : $0 } }

    /// A whole number, also when it was sent as text.
    func int(_ key: String) -> Int64? { Self.int(json[key]) }

    func double(_ key: String) -> Double? {
        let number = json[key]?.double ?? json[key]?.string.flatMap { Double($0) }
        return number.flatMap { $0.isFinite ? $0 : nil }
    }

    func bool(_ key: String) -> Bool? {
        switch json[key] {
        case .bool(let flag): flag
        case .int(let number): number != 0
        case .string(let text): ["true": true, "false": false][text.lowercased()]
        default: nil
        }
    }

    /// An id: a whole number above zero.
    func id(_ key: String) -> Int64? { int(key).flatMap { $0 > 0 ? $0 : nil } }

    /// Milliseconds since 1970 of a date with or without a zone.
    func time(_ key: String) -> Int64? { string(key).flatMap { Timestamp.milliseconds($0) } }

    /// The texts of a list; a text in place of a list counts as a list of one.
    func strings(_ key: String) -> [String] {
        if let text = json[key]?.string { return text.isEmpty ? [] : [text] }
        return json[key]?.array?.compactMap(\.string) ?? []
    }

    /// The objects of a list, nulls and whatever else dropped.
    func objects(_ key: String) -> [JSONValue] { json[key]?.array?.filter { $0.object != nil } ?? [] }

    /// A list that the server sends as the text of a Postgres array (`{Image,"Rent"}`), as JSON, or as one word.
    func postgresList(_ key: String) -> [String] {
        guard let text = json[key]?.string else { return strings(key) }
        guard text.hasPrefix("{"), text.hasSuffix("}") else { return text.isEmpty ? [] : [text] }
        return text.dropFirst().dropLast().split(separator: ",").compactMap { part in
            let word = part.filter { $0 != "\"" && !$0.isWhitespace }
            return word.isEmpty || word == "NULL" ? nil : word
        }
    }

    static func int(_ value: JSONValue?) -> Int64? { value?.int ?? value?.string.flatMap { Int64($0) } }
}
