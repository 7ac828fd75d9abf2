public import ShelfBase
internal import ShelfSidecars

/// Which sidecars to write or to read.
public struct SidecarRequest: Sendable {
    /// Models by path, name, hash, URL or id; the whole library when empty.
    public var what: [FilePath]
    /// Dialects by name.
    public var formats: [String]
    /// False to take in what others wrote and write nothing.
    public var writes = true
    /// A folder that gathers the sidecars; nil for beside the models.
    public var gathering: FilePath?

    /// The names of the dialects.
    public static let formats = SidecarDialects.all.map(\.name)

    public init(_ what: [FilePath] = [], formats: [String] = ["server"]) {
        self.what = what
        self.formats = formats
    }
}

/// What became of the sidecars.
public struct SidecarReport: Sendable {
    /// Models whose sidecars were looked at.
    public var files = 0
    /// Sidecars that were new or changed.
    public var written = 0
    /// Damaged ones that were set aside; the messages say where they are.
    public var damaged: [ShelfError] = []
    public var failed: [ShelfError] = []
    /// Sidecars with a note of a later version of modelshelf, which was left as it is.
    public var later = 0

    public init() {}

    /// What is to be said of ``later``; nil when there are none.
    var warning: String? {
        guard later > 0 else { return nil }
        return "\(later == 1 ? "one sidecar is" : "\(later) sidecars are") of a later version of modelshelf: what it noted "
            + "is left as it is and not believed; install that version"
    }

    public var json: JSONObject {
        [
            "files": .int(Int64(files)), "written": .int(Int64(written)),
            "damaged": .array(damaged.map { .object(ScanReport.failure($0)) }),
            "failed": .array(failed.map { .object(ScanReport.failure($0)) }),
        ]
    }
}

extension ScanReport {
    /// A sidecar that is damaged or cannot be written is worth a word and no failure of the scan.
    mutating func note(_ report: SidecarReport) {
        sidecars = report.written
        warnings += report.damaged.map(\.description)
        if let warning = report.warning { warnings.append(warning) }
        guard let first = report.failed.first else { return }
        warnings.append(
            report.failed.count == 1
                ? "a sidecar could not be written: \(first)"
                : "\(report.failed.count) sidecars could not be written, the first because: \(first)")
    }
}
