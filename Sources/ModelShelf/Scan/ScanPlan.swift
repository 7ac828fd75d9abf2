internal import ShelfBase
internal import ShelfStore

/// What is to be done with each file, found by comparing what the folders show with what the store knows.
struct ScanPlan {
    /// A file that this scan has seen, and the row that it has in the store.
    struct Seen {
        let id: Int64
        let row: Row
        let path: FilePath
        let size: Int64
        /// The file system that it lies on.
        let device: UInt64
        /// Where the file was before, if it has moved.
        var movedFrom: FilePath?
    }

    /// Where a row stands: another scan may find its file elsewhere meanwhile and move it.
    struct Row: Hashable {
        let root: Int64
        /// Below the root.
        let path: FilePath

        func holds(_ file: KnownFile) -> Bool { file.root == root && file.path == path }
    }

    var seen: [Seen] = []
    /// Files that have work to be done, smallest first.
    var work: [Seen] = []
    var new = 0
    var changed = 0
    var unchanged = 0
    var moved = 0
    var missing = 0
    var problems: [ShelfError] = []
    /// Contents of unchanged files, with what Civitai said of them, as they were loaded.
    var known: [KnownFile] = []
    /// True when the store changed, so that what was loaded is out of date.
    var isChanged = false
}
