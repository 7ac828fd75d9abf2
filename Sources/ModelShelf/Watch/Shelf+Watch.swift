public import ShelfBase
internal import ShelfStore

extension Shelf {
    /// Watches folders until ``Watch/stop()``: what is there already and not known is taken up first, then what comes.
    ///
    /// A folder need not be there yet; it is waited for. Without folders the registered ones are watched.
    public func watch(
        _ folders: [ScanRequest.Folder] = [], _ options: WatchOptions = WatchOptions()
    ) throws(ShelfError) -> Watch {
        try checkUse()
        let policies = try policies(options.wishes)
        var options = options
        let configuration = try configuration()
        options.pollMilliseconds = options.pollMilliseconds ?? configuration?.pollMilliseconds
        options.verifiesAdopted = options.verifiesAdopted ?? configuration?.verifiesAdopted
        var places = folders
        if places.isEmpty {
            let roots = try store.read { (connection) throws(ShelfError) in try connection.roots() }
            places = roots.filter(\.isRegistered).map { ScanRequest.Folder(path: $0.path) }
            guard !places.isEmpty else {
                throw ShelfError(
                    .usage, "no folder to watch", hint: "name one, or register it with: modelshelf roots add TYPE=DIR")
            }
        }
        for index in places.indices {
            let path = Paths.absolute(places[index].path)
            if case .success(let identity) = FileIdentity.of(path), identity.kind != .folder {
                throw ShelfError(.usage, "only folders can be watched", path: places[index].path)
            }
            places[index].path = path
            places[index].type = try places[index].type.map(Self.typeName)
        }
        let watch = try Watch(self, places, options, policies)
        try watch.start()
        watches.add(watch)
        return watch
    }
}

/// The watches of a shelf, which end with it.
final class WatchList: Sendable {
    private struct Item: Sendable {
        weak let watch: Watch?
    }

    private let items = Locked<[Item]>([])

    func add(_ watch: Watch) {
        items.withLock { items in
            items.removeAll { $0.watch == nil }
            items.append(Item(watch: watch))
        }
    }

    func stopAll() {
        let all = items.withLock { items in
            defer { items = [] }
            return items
        }
        for item in all { item.watch?.stop() }
    }
}
