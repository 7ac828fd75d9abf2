internal import ShelfBase
internal import ShelfFormats
internal import ShelfHashing
internal import ShelfIdentify
internal import ShelfStore

/// What a worker found out about one file.
struct FileReading: Sendable {
    let id: Int64
    let path: FilePath
    /// The state of the file that was read; nil when it could not be.
    var identity: FileIdentity?
    /// From the header; nil when only digests were wanted, or nothing could be read.
    var header: HeaderFacts?
    var hashed: HashedFile?
    /// In place of digests: a sidecar tells them.
    var adopted: AdoptedFile?
    /// Why nothing, or not everything, is known.
    var error: ShelfError?
}

/// The header's part of a record, ready for the store.
struct HeaderFacts: Sendable {
    let facts: JSONObject
    let stored: StoredHeader
    /// What is wrong with the file.
    let problem: ShelfError?
    /// False for what is not a model at all (a web page, a pointer, a part): its bytes are not worth a digest.
    let isWorthHashing: Bool

    init(_ header: FileHeader, _ path: FilePath) {
        let identification = Identifier.identify(header, name: path)
        var facts = InspectDocument.make(path: path, header: header, identification: identification)
        // The metadata may be megabytes and can be read again from the file; what was made of it is kept.
        facts["metadata"] = nil
        facts["path"] = nil
        self.facts = facts
        stored = StoredHeader(format: header.format.rawValue, facts)
        problem = header.fatalProblem
        isWorthHashing = header.format.holdsModel && !header.isIncomplete
    }
}
