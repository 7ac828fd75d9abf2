internal import ShelfBase
internal import ShelfHashing
internal import ShelfStore

/// Writes down what workers found out about files, and keeps what the report says of it. On the scan's thread.
final class ReadingWriter {
    private let adoption: Adoption?
    private var rows: [Int64: ScanPlan.Row] = [:]
    private var typeOfPlace: [(place: FilePath, type: String)] = []
    /// What is wrong with files, by their rows.
    private(set) var problems: [Int64: ShelfError] = [:]
    private var hashedFiles: Set<Int64> = []
    private(set) var bytesHashed: Int64 = 0
    private(set) var adopted = 0

    init(adoption: Adoption?) { self.adoption = adoption }

    /// How many files were hashed.
    var hashed: Int { hashedFiles.count }

    func wasHashed(_ file: Int64) -> Bool { hashedFiles.contains(file) }

    /// Takes the rows that readings will be made for, and what the folders say of the type of what is in them.
    func expect(_ files: [ScanPlan.Seen], _ areas: [ScanArea]) {
        rows.reserveCapacity(files.count)
        for file in files { rows[file.id] = file.row }
        typeOfPlace = areas.compactMap { area in area.type.map { (area.place, $0) } }
    }

    /// Part of the caller's transaction.
    func write(_ readings: [FileReading], _ connection: Connection) throws(ShelfError) {
        var texts: [SearchText] = []
        for reading in readings { try write(reading, connection, &texts) }
        for text in texts {
            try connection.setSearchText(
                location: text.location, content: text.content, path: text.path, text.listing)
        }
    }

    /// What is to be found by searching. SQLite flushes the index of the words whenever another table is written in
    /// between, so these are written together.
    private struct SearchText {
        let location: Int64
        let content: Int64
        let path: FilePath
        let listing: Listing
    }

    private func write(
        _ reading: FileReading, _ connection: Connection, _ texts: inout [SearchText]
    ) throws(ShelfError) {
        guard let file = try connection.knownFile(id: reading.id) else { return }
        if rows[reading.id]?.holds(file) == false, !Self.isOf(file, reading) {
            // The row went with its file while something else was read at its old place.
            return try connection.releaseFile(reading.id)
        }
        if let error = reading.error { return try note(error, reading, connection) }
        var change = LocationChange()
        if let facts = reading.header {
            try sayType(of: file, facts, at: reading.path, connection)
            // A file that changed since it was listed is the file that was read.
            if let identity = reading.identity, !file.isUnchanged(identity) {
                change.read(identity, unsettled: file.isUnsettled)
            }
            change.judge(facts.problem)
            change.finish(facts.isWorthHashing ? .headerRead : .hashed)
        }
        var content = file.content
        if let hashed = reading.hashed {
            content = try connection.setDigests(
                of: file, StoredDigests(hashed.digests), sample: hashed.sample, hashed.identity,
                header: reading.header?.stored)
            change.read(
                hashed.identity, unsettled: hashed.identity.isModified(justBefore: Clock.wallNanoseconds()))
            change.finish(.hashed)
            hashedFiles.insert(reading.id)
            bytesHashed += hashed.digests.size
        } else if let header = reading.header {
            try connection.setHeader(content: content, header.stored)
        }
        // A sidecar's word has its own way into the row.
        if let word = reading.adopted, reading.hashed == nil, let adoption {
            try connection.update(file, change)
            change = LocationChange()
            if let known = try adoption.adopt(word, location: reading.id, connection) {
                content = known
                adopted += 1
            } else {
                try connection.releaseFile(reading.id)
            }
        }
        if let listing = try ListingMaker.listing(file, content: content, header: reading.header?.facts, connection) {
            change.list(listing)
            texts.append(SearchText(location: file.id, content: content, path: file.path, listing: listing))
        }
        try connection.update(file, change)
    }

    private func note(_ error: ShelfError, _ reading: FileReading, _ connection: Connection) throws(ShelfError) {
        problems[reading.id] = error
        if error.code == .notFound {
            // Gone between listing and reading: not a failure of anybody.
            try connection.setMissing(reading.id, true)
            try connection.releaseFile(reading.id)
        } else {
            try connection.setProblem(reading.id, error, stage: reading.header == nil ? .found : .headerRead)
        }
    }

    /// What no header says, the folder may.
    private func sayType(
        of file: KnownFile, _ facts: HeaderFacts, at path: FilePath, _ connection: Connection
    ) throws(ShelfError) {
        guard facts.facts["type"]?.string == nil,
            let type = typeOfPlace.first(where: { path.relative(to: $0.place) != nil })
        else { return }
        try connection.say(
            content: file.content, source: "folder", field: "type", .string(type.type), reason: "scan")
    }

    /// Whether what was read is the file that the row stands for, under its new name.
    private static func isOf(_ file: KnownFile, _ reading: FileReading) -> Bool {
        guard reading.error == nil, let identity = reading.identity else { return false }
        return file.inode == identity.inode && file.size == identity.size && file.modified == identity.modified
    }
}
