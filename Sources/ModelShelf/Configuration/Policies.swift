internal import ShelfBase
internal import ShelfStore

/// What holds at which path: what the caller wishes, else what the innermost root says that says something, else what holds
/// everywhere.
struct Policies: Sendable {
    struct Entry: Sendable {
        /// Absolute, links resolved as far as they lead anywhere.
        let path: FilePath
        let settings: RootSettings
        let patterns: [PathPattern]?

        init(_ path: FilePath, _ settings: RootSettings) {
            self.path = path
            self.settings = settings
            patterns = settings.exclude?.compactMap { PathPattern($0) }
        }
    }

    /// The innermost first.
    let entries: [Entry]
    let defaults: RootSettings
    /// What the caller of this moment wants.
    let wishes: RootSettings
    /// Whether any root forbids that its digests leave the machine.
    let hasPrivateRoots: Bool
    private let defaultPatterns: [PathPattern]
    private let excludesAnything: Bool

    init(_ entries: [Entry], defaults: RootSettings = RootSettings(), wishes: RootSettings = RootSettings()) {
        self.entries = entries.sorted { $0.path.bytes.count > $1.path.bytes.count }
        self.defaults = defaults
        self.wishes = wishes
        hasPrivateRoots = entries.contains { $0.settings.lookup == false }
        defaultPatterns = (defaults.exclude ?? []).compactMap { PathPattern($0) }
        excludesAnything = !defaultPatterns.isEmpty || entries.contains { $0.patterns?.isEmpty == false }
    }

    /// The same for another caller.
    func wishing(_ wishes: RootSettings) -> Policies { Policies(entries, defaults: defaults, wishes: wishes) }

    /// What is said of a path.
    func value<Value>(_ key: (RootSettings) -> Value?, at path: FilePath) -> Value? {
        if let wish = key(wishes) { return wish }
        for entry in entries where path.relative(to: entry.path) != nil {
            if let value = key(entry.settings) { return value }
        }
        return key(defaults)
    }

    /// Whether anybody says what `isWanted` looks for; when not, nothing needs to be prepared for it.
    func anybody(_ isWanted: (RootSettings) -> Bool) -> Bool {
        isWanted(wishes) || isWanted(defaults) || entries.contains { isWanted($0.settings) }
    }

    func type(at path: FilePath) -> String? { value(\.type, at: path) }

    func sidecars(at path: FilePath) -> [String] { value(\.sidecars, at: path) ?? [] }

    func metadataFolder(at path: FilePath) -> FilePath? { value(\.metadataFolder, at: path) }

    func wantsPreviews(at path: FilePath) -> Bool { value(\.previews, at: path) ?? false }

    func previewLevel(at path: FilePath) -> String {
        value(\.maximumLevel, at: path) ?? PreviewRequest.standardLevel
    }

    // MARK: Digests that stay here

    /// Whether Civitai is asked about a file. A root that forbids it cannot be overruled, neither by a wish nor by a root
    /// inside of it.
    func asks(about path: FilePath) -> Bool { !isPrivate(path) && value(\.lookup, at: path) ?? true }

    func isPrivate(_ path: FilePath) -> Bool {
        guard hasPrivateRoots else { return false }
        if isBelowPrivateRoot(path) { return true }
        // A link from elsewhere leads to the same bytes.
        guard let resolved = Paths.resolved(path), resolved != path else { return false }
        return isBelowPrivateRoot(resolved)
    }

    private func isBelowPrivateRoot(_ path: FilePath) -> Bool {
        entries.contains { $0.settings.lookup == false && path.relative(to: $0.path) != nil }
    }

    /// Whether a content, or one with the same tensors, lies below a private root: its digests are those of a private file
    /// wherever else it lies.
    func isPrivate(content: Int64, _ connection: Connection) throws(ShelfError) -> Bool {
        guard hasPrivateRoots else { return false }
        return try connection.places(sharing: content).contains { isPrivate($0) }
    }

    // MARK: What is passed over

    /// Whether a file or folder is excluded. A place that is named, and a root, are not, whatever is said around them.
    func excludes(_ path: FilePath, below place: FilePath) -> Bool {
        guard excludesAnything else { return false }
        let holding = entries.first { path.relative(to: $0.path) != nil }
        // Nothing above the inner one of the two is asked about.
        var floor = place
        if let holding, path.relative(to: place) == nil || holding.path.relative(to: place) != nil {
            floor = holding.path
        }
        if covers(defaultPatterns, path, from: holding?.path ?? place, floor) { return true }
        let saying = entries.first { $0.patterns != nil && path.relative(to: $0.path) != nil }
        return saying.map { covers($0.patterns ?? [], path, from: $0.path, floor) } ?? false
    }

    private func covers(_ patterns: [PathPattern], _ path: FilePath, from base: FilePath, _ floor: FilePath) -> Bool {
        guard !patterns.isEmpty, let below = path.relative(to: base) else { return false }
        let slash = UInt8(ascii: "/")
        let names = below.bytes.split(separator: slash)
        let skipped = floor.relative(to: base)?.bytes.split(separator: slash).count ?? 0
        return patterns.contains { $0.covers(names, skipped: skipped) }
    }
}
