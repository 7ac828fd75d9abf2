internal import ShelfBase
internal import ShelfStore

extension Shelf {
    /// What the file of settings says now; nil when there is none.
    func configuration() throws(ShelfError) -> Configuration? { try settings.current() }

    /// What holds at which path now.
    func policies(_ wishes: RootSettings = RootSettings()) throws(ShelfError) -> Policies {
        let wishes = try wishes.checked()
        let configuration = try configuration()
        let roots = try configuredRoots(configuration)
        var settings: [FilePath: RootSettings] = [:]
        for root in roots { settings[root.path] = RootSettings(root) }
        for root in configuration?.roots ?? [] {
            guard let row = roots.first(where: { $0.nameInConfiguration == root.path }) else { continue }
            settings[row.path] = root.settings.over(settings[row.path] ?? RootSettings()).keepingPrivate(row)
        }
        return Policies(
            settings.map { Policies.Entry($0.key, $0.value) }, defaults: configuration?.defaults ?? RootSettings(),
            wishes: wishes)
    }

    /// The roots, after those of the configuration were brought in line with what it says.
    private func configuredRoots(_ configuration: Configuration?) throws(ShelfError) -> [Root] {
        let roots = try store.read { (connection) throws(ShelfError) in try connection.roots() }
        var wanted: [(path: FilePath, named: FilePath)] = []
        for root in configuration?.roots ?? [] {
            // While its disk is away a root is where it was when it was there.
            let known = roots.first { $0.nameInConfiguration == root.path }
            let path = Paths.resolved(root.path) ?? known?.path ?? root.path
            if !wanted.contains(where: { $0.path == path || $0.named == root.path }) { wanted.append((path, root.path)) }
        }
        let configured = roots.compactMap { root in root.nameInConfiguration.map { (path: root.path, named: $0) } }
        let isCurrent =
            configured.count == wanted.count
            && wanted.allSatisfy { want in configured.contains { $0 == want } }
        guard !isCurrent else { return roots }
        let final = wanted
        return try store.write { (connection) throws(ShelfError) in
            try connection.configureRoots(final)
            return try connection.roots()
        }
    }
}

extension RootSettings {
    /// What the store keeps of a root.
    init(_ root: Root) {
        self.init(stored: root.settings)
        type = root.type
        if !root.allowsLookup { lookup = false }
    }

    /// What was made private on the command line stays so, whatever the file says.
    fileprivate func keepingPrivate(_ root: Root) -> RootSettings {
        var settings = self
        if !root.allowsLookup { settings.lookup = false }
        return settings
    }
}

/// The file of settings as it was last read; read again when it has changed.
final class SettingsCache: Sendable {
    private struct State {
        var identity: FileIdentity?
        var configuration: Configuration?
    }

    private let path = Paths.absolute(HomeFolder.configuration())
    private let state = Locked(State())

    func current() throws(ShelfError) -> Configuration? {
        guard case .success(let identity) = FileIdentity.of(path) else {
            // None, or in the home of another user. A link that leads nowhere is an error: what it says must hold.
            guard case .success = FileIdentity.of(path, followLinks: false) else { return nil }
            throw ShelfError(
                .unreadable, "it is a link that leads nowhere, so nobody knows what it says", path: path,
                hint: "bring back what it points to, or remove the link")
        }
        let known = state.withLock { state in
            state.identity?.isUntouched(since: identity) == true ? state.configuration : nil
        }
        if let known { return known }
        let read = try Configuration.read(path)
        // Written just now, it may be written again without a trace in its times.
        guard !identity.isModified(justBefore: Clock.wallNanoseconds()) else { return read }
        state.withLock { $0 = State(identity: identity, configuration: read) }
        return read
    }
}
