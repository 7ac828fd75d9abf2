public import ShelfBase

/// What the user and sidecars say of a content, each value with its source; nothing is overwritten without a trace.
public struct SaidValue: Sendable {
    public let source: String
    public let field: String
    public let value: JSONValue
    /// Milliseconds since 1970.
    public let saidAt: Int64
}

extension Connection {
    public func statements(content: Int64) throws(ShelfError) -> [SaidValue] {
        var said: [SaidValue] = []
        try rows(
            "SELECT source, field, value, said_at FROM statement WHERE content_id = ? ORDER BY source, field",
            [.int(content)]
        ) { row in
            guard let text = row.text(2), let value = try? JSONValue.parse(text) else { return }
            said.append(
                SaidValue(source: row.text(0) ?? "", field: row.text(1) ?? "", value: value, saidAt: row.int(3, or: 0)))
        }
        return said
    }

    /// Writes a value down, or takes it back with nil; the one before it goes to the history. `time` is when it was said
    /// if that was not just now (milliseconds since 1970).
    public func say(
        content: Int64, source: String, field: String, _ value: JSONValue?, reason: String = "edit", time: Int64? = nil
    ) throws(ShelfError) {
        let now = min(time ?? .max, Clock.wallMilliseconds())
        let old = try statements(content: content).first { $0.source == source && $0.field == field }?.value
        guard old != value else { return }
        if let value {
            try run(
                """
                INSERT INTO statement (content_id, source, field, value, said_at) VALUES (?1, ?2, ?3, ?4, ?5)
                ON CONFLICT (content_id, source, field) DO UPDATE SET value = ?4, said_at = ?5
                """, .int(content), .text(source), .text(field), .text(value.text()), .int(now))
        } else {
            try run(
                "DELETE FROM statement WHERE content_id = ? AND source = ? AND field = ?", .int(content), .text(source),
                .text(field))
        }
        try note(content: content, source: source, field: field, old: old, new: value, reason: reason)
    }

    private func note(
        content: Int64, source: String, field: String, old: JSONValue?, new: JSONValue?, reason: String
    ) throws(ShelfError) {
        try run(
            """
            INSERT INTO statement_history (content_id, source, field, old_value, new_value, reason, at)
            VALUES (?, ?, ?, ?, ?, ?, ?)
            """,
            .int(content), .text(source), .text(field), .optional(old?.text()), .optional(new?.text()), .text(reason),
            .int(Clock.wallMilliseconds()))
    }

    /// Copies what was said of one content to another that took its place.
    func inheritStatements(from earlier: Int64, to content: Int64) throws(ShelfError) {
        try run(
            """
            INSERT OR IGNORE INTO statement (content_id, source, field, value, said_at)
            SELECT ?, source, field, value, said_at FROM statement WHERE content_id = ? AND source = 'user'
            """, .int(content), .int(earlier))
    }

    /// Records that a content's values were said of other bytes at the same path.
    func noteInheritance(content: Int64) throws(ShelfError) {
        for said in try statements(content: content) where said.source == "user" {
            try note(
                content: content, source: said.source, field: said.field, old: said.value, new: said.value,
                reason: "kept when the file at its path was replaced")
        }
    }

    /// Brings two sets of values together: tags are united, of other values the newer wins, both stay in the history.
    func uniteStatements(from other: Int64, into content: Int64) throws(ShelfError) {
        try run("UPDATE statement_history SET content_id = ? WHERE content_id = ?", .int(content), .int(other))
        let mine = try statements(content: content)
        for said in try statements(content: other) {
            let known = mine.first { $0.source == said.source && $0.field == said.field }
            if known?.value == said.value { continue }
            if said.field == "tags", let tags = known?.value.array, let more = said.value.array {
                let united = tags + more.filter { !tags.contains($0) }
                try say(
                    content: content, source: said.source, field: "tags", .array(united), reason: "united with a copy")
            } else if let known, known.saidAt >= said.saidAt {
                try note(
                    content: content, source: said.source, field: said.field, old: said.value, new: known.value,
                    reason: "older value of a copy")
            } else {
                try say(
                    content: content, source: said.source, field: said.field, said.value,
                    reason: "newer value of a copy")
            }
        }
    }
}
