import ModelShelf
import ShelfBase
import ShelfTestSupport

extension Folder {
    /// The shelf of this test; the database lies beside the models.
    func openShelf() throws -> Shelf { try Shelf.open(database: self["database/library.db"], offline: true) }

    /// Writes a small model that was finished long ago.
    @discardableResult
    func model(_ name: String, _ seed: UInt8, metadata: [String: String] = [:], modified: Int = 1_700_000_000) throws
        -> FilePath
    {
        let path = try write("models/" + name, safetensors(seed, metadata: metadata))
        try touch("models/" + name, modified)
        return path
    }

    var models: FilePath { self["models"] }
}

/// A safetensors file whose only tensor is made of one byte.
func safetensors(_ seed: UInt8, count: Int = 2000, metadata: [String: String] = [:]) -> [UInt8] {
    var header = JSONObject()
    if !metadata.isEmpty {
        var texts = JSONObject()
        for (key, value) in metadata.sorted(by: { $0.key < $1.key }) { texts[key] = .string(value) }
        header["__metadata__"] = .object(texts)
    }
    header["x"] = .object([
        "dtype": .string("U8"), "shape": .array([.int(Int64(count))]),
        "data_offsets": .array([.int(0), .int(Int64(count))]),
    ])
    let text = JSONValue.object(header).bytes()
    let length = (0..<8).map { UInt8(truncatingIfNeeded: text.count >> ($0 * 8)) }
    return length + text + (0..<count).map { seed &+ UInt8(truncatingIfNeeded: $0 / 256) }
}

extension Shelf {
    /// Scans without asking anybody.
    func scan(
        _ places: FilePath..., type: String? = nil, hash: Bool = true, force: Bool = false
    ) throws -> ScanReport {
        var request = ScanRequest(folders: places.map { ScanRequest.Folder(path: $0, type: type) })
        request.lookup = false
        request.hash = hash
        request.force = force
        request.jobs = 2
        return try scan(request)
    }

    func paths() throws -> Set<FilePath> { Set(try list().models.map(\.path)) }

    func names(_ text: String) throws -> [String] { try search(text).models.map(\.name) }
}

extension ScanReport {
    /// The counters that a test speaks of, without those that are 0.
    var counts: [String: Int] {
        [
            "files": files, "new": new, "changed": changed, "unchanged": unchanged, "moved": moved, "missing": missing,
            "hashed": hashed, "failed": failed.count, "pending": pending,
        ].filter { $0.value != 0 }
    }
}
