internal import ShelfBase

/// Reads values of a record or an inspection as harmless text.
struct RecordText {
    private let value: JSONValue

    init(_ value: JSONValue) {
        self.value = value
    }

    func string(_ key: String) -> String? { value[key].flatMap(Self.text) }

    func list(_ key: String, separator: String = ", ") -> String? {
        guard let items = value[key]?.array else { return nil }
        return items.compactMap(Self.text).joined(separator: separator)
    }

    /// The values of several keys that are known, `safetensors, fp16`.
    func joined(_ keys: [String]) -> String? {
        let parts = keys.compactMap(string)
        return parts.isEmpty ? nil : parts.joined(separator: ", ")
    }

    /// `key: value` for each known member of an object.
    func fields(_ key: String) -> [String] {
        (value[key]?.object?.members ?? []).compactMap { member in
            Self.text(member.value).map { "\(SafeText.line(member.key)): \(DisplayWidth.fit($0, 200))" }
        }
    }

    /// `unsafe: what was found`
    var safety: String? {
        guard let verdict = value["safety"]?["verdict"]?.string else { return nil }
        let findings = (value["safety"]?["findings"]?.array ?? []).compactMap(Self.text)
        return ([SafeText.line(verdict)] + findings.prefix(8)).joined(separator: ", ")
    }

    /// One line for any value; nil for what is null or empty.
    static func text(_ value: JSONValue) -> String? {
        switch value {
        case .null: return nil
        case .bool(let flag): return flag ? "yes" : "no"
        case .int(let number): return String(number)
        case .double(let number): return Self.number(number)
        case .string(let text): return text.isEmpty ? nil : SafeText.line(text)
        case .array(let items):
            return items.isEmpty ? nil : items.compactMap(Self.text).joined(separator: ", ")
        case .object(let object):
            return object.isEmpty ? nil : SafeText.line(value.text())
        }
    }

    static func number(_ value: Double) -> String {
        Int64(exactly: value).map { String($0) } ?? String(value)
    }
}
