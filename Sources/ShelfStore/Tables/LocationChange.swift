public import ShelfBase

/// What is to be written into a file's row, gathered so that it is written once: every write of a row copies it, and
/// those of its indexes whose columns are named.
public struct LocationChange: Sendable {
    private(set) var identity: FileIdentity?
    private(set) var isUnsettled = false
    private(set) var stage: Stage?
    private(set) var problem: ShelfError??
    private(set) var listing: Listing?

    public init() {}

    /// The state of the file that was read.
    public mutating func read(_ identity: FileIdentity, unsettled: Bool) {
        self.identity = identity
        isUnsettled = unsettled
    }

    /// How far the file has come; whoever claimed it is done with it.
    public mutating func finish(_ stage: Stage) { self.stage = stage }

    /// What is wrong with it; nil for nothing.
    public mutating func judge(_ problem: ShelfError?) { self.problem = .some(problem) }

    /// What lists show of it.
    public mutating func list(_ listing: Listing) { self.listing = listing }
}

extension Connection {
    /// Writes a change down. `file` is the row as it was read in the same transaction.
    public func update(_ file: KnownFile, _ change: LocationChange) throws(ShelfError) {
        var columns: [String] = []
        var values: [SQLValue] = []
        func set(_ column: String, _ value: SQLValue) {
            columns.append(column)
            values.append(value)
        }
        if let identity = change.identity {
            if !file.isUnchanged(identity) {
                set("size = ?", .int(identity.size))
                set("modified_ns = ?", .int(identity.modified))
                set("changed_ns = ?", .int(identity.changed))
                set("inode = ?", .bits(identity.inode))
            }
            set("device = ?", .bits(identity.device))
            set("unsettled = ?", .bool(change.isUnsettled))
            set("missing = ?", .bool(false))
        }
        if let stage = change.stage {
            set("claim_owner = NULL, claim_until = NULL, stage = ?", .int(stage.rawValue))
        }
        if let problem = change.problem {
            set("problem_code = ?", .optional(problem?.code.rawValue))
            set("problem = ?", .optional(problem?.message))
        }
        if let listing = change.listing {
            set("name = ?", .text(listing.name))
            set("type = ?", .optional(listing.type))
            set("base_model = ?", .optional(listing.baseModel))
            set("favorite = ?", .bool(listing.isFavorite))
        }
        guard !columns.isEmpty else { return }
        values.append(.int(file.id))
        try run("UPDATE location SET \(columns.joined(separator: ", ")) WHERE id = ?", values: values)
    }
}
