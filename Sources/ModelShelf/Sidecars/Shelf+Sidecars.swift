public import ShelfBase
internal import ShelfSidecars
internal import ShelfStore

extension Shelf {
    /// Where the `server` sidecar of a model lies.
    ///
    /// - Parameter gathering: a folder that gathers sidecars; nil for the model's own.
    public func sidecarPath(_ model: FilePath, in gathering: FilePath? = nil) throws(ShelfError) -> FilePath {
        try checkUse()
        return exchange(gathering).path(of: model)
    }

    /// The sidecar's document as UTF-8 JSON; nil when there is none, or it is damaged (then it is set aside, which is
    /// logged). What did not change since the last call costs one `stat`.
    public func readSidecar(_ model: FilePath, in gathering: FilePath? = nil) throws(ShelfError) -> [UInt8]? {
        try checkUse()
        let path = Paths.absolute(exchange(gathering).path(of: model))
        guard case .success(let identity) = FileIdentity.of(path) else { return nil }
        if let known = sidecars.bytes(path, identity) { return known }
        do throws(ShelfError) {
            return try read(path)
        } catch {
            guard error.code == .corruptFile else {
                Log.write(.warning, error.description)
                return nil
            }
        }
        return setAside(path)
    }

    private func read(_ path: FilePath) throws(ShelfError) -> [UInt8]? {
        guard let text = try SidecarText.read(path) else { return nil }
        let bytes = text.bytes.starts(with: [0xef, 0xbb, 0xbf]) ? Array(text.bytes.dropFirst(3)) : text.bytes
        sidecars.keep(path, text, bytes)
        return bytes
    }

    /// Under the lock a damaged sidecar is read once more: it may have been replaced by a good one.
    private func setAside(_ path: FilePath) -> [UInt8]? {
        do throws(ShelfError) {
            let lock = try FolderLock(path.parent)
            defer { withExtendedLifetime(lock) {} }
            do throws(ShelfError) {
                return try read(path)
            } catch {
                guard error.code == .corruptFile, let aside = try SidecarText.setAside(path) else { throw error }
                Log.write(.warning, SidecarExchange.damage(error, aside).description)
            }
        } catch {
            Log.write(.warning, error.description)
        }
        return nil
    }

    /// Merges fields into the sidecar of a model; see ``SidecarMerge``. Fields that people see enter the store as the
    /// sidecar's word if the file is known.
    ///
    /// - Parameters:
    ///   - fields: a JSON object; a null stays one.
    ///   - replace: what else is in the document goes, but for our own part.
    /// - Returns: the document as it was written.
    public func writeSidecar(
        _ model: FilePath, _ fields: [UInt8], in gathering: FilePath? = nil, replace: Bool = false
    ) throws(ShelfError) -> [UInt8] {
        try checkUse()
        let edits: SidecarExchange.Edits
        do throws(JSONError) {
            guard let object = try ExactJSON.parse(fields).object else { throw JSONError(.wrongType, at: 0) }
            edits = SidecarExchange.Edits(fields: object, replace: replace)
        } catch {
            throw ShelfError(.usage, "the fields are no JSON object: \(error.reason.rawValue) at byte \(error.offset)")
        }
        let outcome = try exchange(gathering).run(model, edits)
        if let damage = outcome.damage { Log.write(.warning, damage.description) }
        return outcome.bytes ?? Array("{}".utf8)
    }

    /// Removes the sidecar of a model, and takes back what it said; false when there is none.
    public func deleteSidecar(_ model: FilePath, in gathering: FilePath? = nil) throws(ShelfError) -> Bool {
        try checkUse()
        let path = Paths.absolute(exchange(gathering).path(of: model))
        guard case .success = FileIdentity.of(path, followLinks: false) else { return false }
        let lock = try FolderLock(path.parent)
        defer { withExtendedLifetime(lock) {} }
        try store.write { (connection) throws(ShelfError) in
            try connection.forgetWrittenSidecar(path)
            guard let file = try FileResolver(connection).file(at: Paths.absolute(model)) else { return }
            let source = Precedence.Source.sidecar.rawValue
            let said = try connection.statements(content: file.content).filter { $0.source == source }
            for item in said {
                try connection.say(
                    content: file.content, source: source, field: item.field, nil, reason: "sidecar removed")
            }
            if !said.isEmpty { try ListingMaker.refresh(content: file.content, connection) }
        }
        return try SidecarWriter.delete(path)
    }

    private func exchange(_ gathering: FilePath?) -> SidecarExchange {
        SidecarExchange(store: store, dialect: SidecarDialects.server, gathering: gathering)
    }
}
