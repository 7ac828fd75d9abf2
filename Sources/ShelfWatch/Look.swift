internal import ShelfBase

/// What one look at a file tells about whether its writer is done.
enum Look: Equatable {
    /// There is nothing at the path, or nothing that could be a model.
    case gone
    /// A downloader's control file beside it says that it is unfinished.
    case unfinished
    case file(Facts)

    /// How much of itself the file says is there.
    enum Extent: Equatable {
        /// Less than its own header says, or nothing at all.
        case incomplete
        /// All that its own header says.
        case whole
        /// The format does not tell.
        case unknown
        /// The format does not tell, and its writers pause for long: a raw pickle.
        case pickle
    }

    struct Facts: Equatable {
        var stamp: FileStamp
        var extent: Extent
        /// Parts were never written: preallocated, or truly sparse.
        var hasHoles = false
        /// Whether anybody has it open for writing; nil when that cannot be known.
        var isBeingWritten: Bool?
        /// Whether other paths lead to the same file (hard links).
        var hasOtherNames = false
        /// For how long its times say that it has been left alone (nanoseconds); nil when they cannot be trusted.
        var age: Int64?
    }
}
