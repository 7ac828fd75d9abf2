public import ShelfBase

/// Finding contents by any digest that people paste: full or Civitai's short forms, in any case.
extension Connection {
    /// Contents whose digests begin with the hexadecimal text, of the kinds that have its length.
    public func contents(digest text: String) throws(ShelfError) -> [Int64] {
        guard Hex.isHex(text), let bytes = Hex.decode(text) else { return [] }
        var found: [Int64] = []
        func search(_ column: String) throws(ShelfError) {
            try rows(
                "SELECT id FROM content WHERE \(column) >= ? AND \(column) < ?",
                [.blob(bytes), .blob(bytes + [UInt8](repeating: 0xff, count: 33))]
            ) { row in
                let id = row.int(0, or: 0)
                if !found.contains(id) { found.append(id) }
            }
        }
        switch bytes.count {
        case 4:
            try search("legacy_window_sha256")
            let number = bytes.reduce(Int64(0)) { $0 << 8 | Int64($1) }
            let reversed = bytes.reversed().reduce(Int64(0)) { $0 << 8 | Int64($1) }
            try rows("SELECT id FROM content WHERE crc32 IN (?, ?)", [.int(number), .int(reversed)]) { row in
                let id = row.int(0, or: 0)
                if !found.contains(id) { found.append(id) }
            }
        case 5: try search("sha256")
        case 6:
            // AutoV3, and what A1111's relatives cut from a SHA-256.
            try search("after_header_sha256")
            try search("sha256")
        case 32:
            for column in ["sha256", "tensor_sha256", "after_header_sha256", "blake3"] { try search(column) }
            try rows("SELECT content_id FROM former_digest WHERE sha256 = ?", [.blob(bytes)]) { row in
                let id = row.int(0, or: 0)
                if !found.contains(id) { found.append(id) }
            }
        default: break
        }
        return found
    }

    /// Contents that Civitai knows under these ids.
    public func contents(model: Int64?, version: Int64?) throws(ShelfError) -> [Int64] {
        var found: [Int64] = []
        try rows(
            """
            SELECT content_id FROM remote
            WHERE source = 'civitai' AND model_id IS NOT NULL AND (?1 IS NULL OR model_id = ?1)
                AND (?2 IS NULL OR version_id = ?2)
            """, [.optional(model), .optional(version)]
        ) { found.append($0.int(0, or: 0)) }
        return found
    }
}
