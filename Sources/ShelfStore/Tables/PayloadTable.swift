public import ShelfBase

/// Every answer of a service, kept after the service forgot it: at most five different ones of each object.
extension Connection {
    static let payloadsKept: Int64 = 5

    /// Keeps a payload unless the last one of the object has the same digest, which leaves out volatile values.
    public func keepPayload(
        source: String = "civitai", kind: String, object: Int64, digest: [UInt8], _ body: JSONValue
    ) throws(ShelfError) {
        var last: [UInt8]?
        try rows(
            """
            SELECT digest FROM payload WHERE source = ? AND kind = ? AND object_id = ?
            ORDER BY fetched_at DESC, id DESC LIMIT 1
            """, [.text(source), .text(kind), .int(object)]
        ) { last = $0.blob(0) }
        guard last != digest else { return }
        try run(
            "INSERT INTO payload (source, kind, object_id, fetched_at, digest, body) VALUES (?, ?, ?, ?, ?, ?)",
            .text(source), .text(kind), .int(object), .int(Clock.wallMilliseconds()), .blob(digest),
            .blob(Compression.pack(body)))
        try run(
            """
            DELETE FROM payload WHERE id IN (
                SELECT id FROM payload WHERE source = ? AND kind = ? AND object_id = ?
                ORDER BY fetched_at DESC, id DESC LIMIT -1 OFFSET ?)
            """, .text(source), .text(kind), .int(object), .int(Self.payloadsKept))
    }

    /// The newest payload of an object.
    public func payload(source: String = "civitai", kind: String, object: Int64) throws(ShelfError) -> JSONValue? {
        var body: JSONValue?
        try rows(
            """
            SELECT body FROM payload WHERE source = ? AND kind = ? AND object_id = ?
            ORDER BY fetched_at DESC, id DESC LIMIT 1
            """, [.text(source), .text(kind), .int(object)]
        ) { body = Compression.unpackJSON($0.blob(0)) }
        return body
    }
}
