internal import ShelfBase
internal import ShelfStore

/// The user's edits that come with a sidecar from another machine.
enum UserNote {
    private static let mostFields = 500
    private static let longestValue = 1 << 20

    /// Takes over what was said later than what is known here; also what was taken back here later stays so.
    static func unite(_ user: JSONObject, content: Int64, _ connection: Connection) throws(ShelfError) -> Bool {
        guard !user.isEmpty else { return false }
        var didChange = false
        let said = try connection.statements(content: content).filter { $0.source == "user" }
        for (field, entry) in user.members.prefix(mostFields) {
            guard let value = entry["value"], !value.isNull, let time = entry["at"]?.int, !field.isEmpty,
                field.utf8.count <= 256, isSound(field, value), value.bytes().count <= longestValue
            else { continue }
            let known = said.first { $0.field == field }
            if let known {
                guard known.value != value, time > known.saidAt else { continue }
            } else if let last = try connection.lastSaid(content: content, source: "user", field: field), last >= time {
                continue
            }
            try connection.say(
                content: content, source: "user", field: field, value, reason: "from a sidecar", time: time)
            didChange = true
        }
        return didChange
    }

    /// The fields that records are made of have a type.
    private static func isSound(_ field: String, _ value: JSONValue) -> Bool {
        switch field {
        case "tags", "trigger_words": value.array?.allSatisfy { $0.string != nil } ?? false
        case "favorite": value.bool != nil
        case "notes", "name", "type", "base_model", "architecture": value.string != nil
        default: true
        }
    }
}
