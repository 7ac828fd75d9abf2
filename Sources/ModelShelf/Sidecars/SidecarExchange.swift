internal import ShelfBase
internal import ShelfHashing
internal import ShelfSidecars
internal import ShelfStore

/// Brings one model's sidecar and the store together: takes in what others wrote there, writes what we know.
///
/// The folder is locked first, the store's transaction comes inside: nobody does it the other way round.
struct SidecarExchange {
    let store: Store
    let dialect: any SidecarDialect
    /// The gathering folder; nil to write beside the model.
    let gathering: FilePath?

    struct Outcome {
        /// The document as it is now; nil when there is none.
        var bytes: [UInt8]?
        var wasWritten = false
        /// A damaged one that was there before, and where it is now.
        var damage: ShelfError?
        /// Its note is one that only a later version understands, and was left as it is.
        var isOfLaterVersion = false
    }

    /// What a caller wants to have in the document.
    struct Edits {
        var fields: ExactObject
        /// Everything else that others wrote goes.
        var replace = false
    }

    func path(of model: FilePath) -> FilePath {
        SidecarPlace.path(of: model, suffix: dialect.suffix, gatheredIn: gathering)
    }

    /// - Parameter writes: false to take in what others wrote and leave the file alone.
    func run(_ model: FilePath, _ edits: Edits? = nil, writes: Bool = true) throws(ShelfError) -> Outcome {
        let path = Paths.absolute(path(of: model))
        if edits == nil, writes, let done = try shortcut(model, path) { return done }
        if gathering != nil, writes { try Paths.createFolder(path.parent) }
        let lock = try FolderLock(path.parent)
        var damage: ShelfError?
        for _ in 0..<20 {
            if let outcome = try attempt(model, path, edits, writes, lock, &damage) { return outcome }
        }
        throw ShelfError(
            .fileChanged, "another program keeps writing the sidecar", path: path, hint: "try again when it is done")
    }

    /// Nothing to do: the file is as we left it, and so is what we know.
    private func shortcut(_ model: FilePath, _ path: FilePath) throws(ShelfError) -> Outcome? {
        guard case .success(let identity) = FileIdentity.of(path, followLinks: false) else { return nil }
        let isCurrent = try store.read { (connection) throws(ShelfError) -> Bool in
            guard let written = try connection.writtenSidecar(path), written.isUntouched(identity),
                let file = try known(model, connection)
            else { return false }
            return try digest(ours(file, connection)) == written.wish
        }
        return isCurrent ? Outcome() : nil
    }

    /// One reading, merging and writing; nil when another program wrote meanwhile.
    private func attempt(
        _ model: FilePath, _ path: FilePath, _ edits: Edits?, _ writes: Bool, _ lock: FolderLock,
        _ damage: inout ShelfError?
    ) throws(ShelfError) -> Outcome? {
        let text: SidecarText?
        do throws(ShelfError) {
            text = try SidecarText.read(path)
        } catch {
            guard error.code == .corruptFile, let aside = try SidecarText.setAside(path) else { throw error }
            damage = Self.damage(error, aside)
            text = nil
        }
        var outcome = Outcome(damage: damage)
        let was = text?.object ?? ExactObject()
        var theirs = was
        outcome.isOfLaterVersion = SidecarNote.isOfLaterVersion(was[Self.noteKey])
        let written = try store.read { (connection) throws(ShelfError) in try connection.writtenSidecar(path) }
        var base = ExactObject()
        if text == nil {
            // Nothing is left of what it said but what the store knows of it.
            if writes { try restore(model, &theirs) }
        } else {
            base = written.flatMap { try? ExactJSON.parse($0.base).object } ?? guessedBase(theirs)
        }
        if let edits { apply(edits, to: &theirs, &base) }
        let known = text == nil && !writes ? nil : try takeIn(theirs, base, model)
        let wish = known?.wish
        var document = theirs
        if let wish {
            let merge = SidecarMerge(theirs: theirs, base: base, ours: wish.fields)
            document = merge.document
            base = merge.base
            if let note = wish.note, !outcome.isOfLaterVersion { document[Self.noteKey] = note }
        } else {
            // Not known, or changed since: what we wrote earlier stays ours until it is scanned.
            for key in base.members.map(\.key) where document[key] != base[key] { base[key] = nil }
        }
        let isWanted = writes && !(document == was && (text != nil || edits == nil))
        guard isWanted else {
            if let text, let wish, writes || document == was { try remember(path, base, wish, text.identity) }
            outcome.bytes = text?.bytes
            return outcome
        }
        dialect.stamp(&document, milliseconds: Clock.wallMilliseconds())
        let bytes = ExactJSON.object(document).bytes(indent: 2)
        guard bytes.count <= SidecarText.largest else {
            throw ShelfError(
                .tooLarge, "the sidecar would have more than \(SidecarText.largest >> 20) MiB", path: path,
                hint: "keep such values in a file of their own")
        }
        guard let identity = try SidecarWriter.replace(path, with: bytes, earlier: text?.identity, lock: lock) else {
            return nil
        }
        // Should this fail, the next one finds what we wrote equal to what we want, and takes it for ours.
        if wish != nil || written != nil { try remember(path, base, wish ?? Wish(), identity) }
        outcome.bytes = bytes
        outcome.wasWritten = true
        return outcome
    }

    static func damage(_ error: ShelfError, _ aside: FilePath) -> ShelfError {
        ShelfError(
            .corruptFile, "\(error.message); it is kept as \(aside.lastComponent.display)", path: error.path,
            hint: error.hint)
    }

    // MARK: What we want to say

    /// Our keys, and the note, which is nobody else's.
    private struct Wish {
        var fields = ExactObject()
        var note: ExactJSON?
    }

    static let noteKey = Array("modelshelf".utf8)

    private func ours(_ file: KnownFile, _ connection: Connection) throws(ShelfError) -> Wish {
        guard let facts = try SidecarFactsMaker.facts(of: file, connection) else { return Wish() }
        return Wish(fields: dialect.fields(facts), note: facts.note.map { ExactJSON(.object($0.json)) })
    }

    private func digest(_ wish: Wish) throws(ShelfError) -> [UInt8] {
        try MessageDigest.sha256(of: ExactJSON.object(wish.fields).bytes() + (wish.note?.bytes() ?? []))
    }

    private func remember(
        _ path: FilePath, _ base: ExactObject, _ wish: Wish, _ identity: FileIdentity
    ) throws(ShelfError) {
        let digest = try digest(wish)
        try store.write { (connection) throws(ShelfError) in
            try connection.setWrittenSidecar(path, base: ExactJSON.object(base).bytes(), wish: digest, identity)
        }
    }

    /// The row of a model that is as it was when it was scanned.
    private func known(_ model: FilePath, _ connection: Connection) throws(ShelfError) -> KnownFile? {
        let absolute = Paths.absolute(model)
        guard case .success(let identity) = FileIdentity.of(absolute),
            let file = try FileResolver(connection).file(at: absolute), file.isUnchanged(identity), !file.isMissing
        else { return nil }
        return file
    }

    // MARK: What others said

    /// Of a sidecar that this store never wrote, what a modelshelf elsewhere wrote is told by its note.
    private func guessedBase(_ document: ExactObject) -> ExactObject {
        guard let note = dialect.note(in: document) else { return ExactObject() }
        var base = ExactObject()
        for member in dialect.fields(SidecarFactsMaker.facts(of: note)).members
        where document[member.key] == member.value { base[member.key] = member.value }
        return base
    }

    private func apply(_ edits: Edits, to document: inout ExactObject, _ base: inout ExactObject) {
        if edits.replace {
            let note = document[Self.noteKey]
            document = ExactObject()
            for member in edits.fields.members where member.key != Self.noteKey { document[member.key] = member.value }
            if let note { document[Self.noteKey] = note }
        } else {
            for member in edits.fields.members where member.key != Self.noteKey { document[member.key] = member.value }
        }
        if let hash = document["hash"]?.string { document["hash"] = ExactJSON(HashText.normalised(hash)) }
        for member in edits.fields.members where document[member.key] != base[member.key] {
            // A value that was cleared stays cleared: as if we had written one and it was removed.
            base[member.key] = member.value.isNull ? base[member.key] ?? ExactJSON("") : nil
        }
    }

    /// Gives a new sidecar what an earlier one said.
    private func restore(_ model: FilePath, _ document: inout ExactObject) throws(ShelfError) {
        let source = Precedence.Source.sidecar.rawValue
        let said = try store.read { (connection) throws(ShelfError) -> [SaidValue] in
            guard let file = try known(model, connection) else { return [] }
            return try connection.statements(content: file.content).filter { $0.source == source }
        }
        for item in said {
            if let field = SidecarField(rawValue: item.field) {
                dialect.say(field, ExactJSON(item.value), in: &document)
            }
        }
    }

    private struct Known {
        let file: KnownFile
        let wish: Wish
    }

    /// Enters what others said of a known file into the store; gives what we say after that.
    private func takeIn(
        _ theirs: ExactObject, _ base: ExactObject, _ model: FilePath
    ) throws(ShelfError) -> Known? {
        // Looking first spares the files that nobody wrote to a write.
        let quick = try store.read { (connection) throws(ShelfError) -> (known: Known?, isNews: Bool) in
            guard let file = try known(model, connection) else { return (nil, false) }
            let wish = try ours(file, connection)
            let isSaid = try !news(theirs, base, wish, file, connection).isEmpty
            let isEdited = try userNote(theirs, file, connection) != nil
            return (Known(file: file, wish: wish), isSaid || isEdited)
        }
        guard let known = quick.known, quick.isNews else { return quick.known }
        return try store.write { (connection) throws(ShelfError) -> Known? in
            guard let file = try connection.knownFile(id: known.file.id) else { return nil }
            if let user = try userNote(theirs, file, connection) {
                _ = try UserNote.unite(user, content: file.content, connection)
            }
            for (field, value) in try news(theirs, base, try ours(file, connection), file, connection) {
                try connection.say(
                    content: file.content, source: Precedence.Source.sidecar.rawValue, field: field, value,
                    reason: "read from a sidecar")
            }
            try ListingMaker.refresh(content: file.content, connection)
            return Known(file: file, wish: try ours(file, connection))
        }
    }

    /// Edits of the user on another machine that has written this sidecar; nil when it is about other bytes.
    private func userNote(
        _ document: ExactObject, _ file: KnownFile, _ connection: Connection
    ) throws(ShelfError) -> JSONObject? {
        guard let note = dialect.note(in: document), !note.user.isEmpty,
            let sha256 = try connection.content(file.content)?.digests.sha256, sha256 == note.digests.sha256
        else { return nil }
        let said = try connection.statements(content: file.content).filter { $0.source == "user" }
        let isNew = note.user.members.contains { field, entry in
            entry["value"] != said.first { $0.field == field }?.value
        }
        return isNew ? note.user : nil
    }

    /// Fields about which others now say something else than the store has from them; nil takes back.
    private func news(
        _ theirs: ExactObject, _ base: ExactObject, _ wish: Wish, _ file: KnownFile, _ connection: Connection
    ) throws(ShelfError) -> [(field: String, value: JSONValue?)] {
        let source = Precedence.Source.sidecar.rawValue
        let said = try connection.statements(content: file.content).filter { $0.source == source }
        return SidecarField.allCases.compactMap { field -> (field: String, value: JSONValue?)? in
            let now = dialect.said(field, in: theirs)
            let isForeign = now != dialect.said(field, in: base) && now != dialect.said(field, in: wish.fields)
            let value = isForeign ? field.value(now) : nil
            return value == said.first { $0.field == field.rawValue }?.value ? nil : (field.rawValue, value)
        }
    }
}
