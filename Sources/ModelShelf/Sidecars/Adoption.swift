internal import ShelfBase
internal import ShelfHashing
internal import ShelfSidecars
internal import ShelfStore

/// A file that its sidecar knows: nobody needs to hash it.
struct AdoptedFile: Sendable {
    let note: SidecarNote
    /// The file's own sample, which agrees with the note's.
    let sample: [UInt8]
    let identity: FileIdentity
}

/// Decides whether the digests that a sidecar tells are those of the file beside it.
struct Adoption: Sendable {
    let policies: Policies
    /// Files of which the store knew better: they are hashed.
    private let refused = Locked<Set<Int64>>([])

    /// Nil when no sidecars are asked for, or everything is to be hashed.
    init?(_ policies: Policies, force: Bool) {
        guard !force, policies.anybody({ $0.sidecars?.isEmpty == false }) else { return nil }
        self.policies = policies
    }

    /// Size, time and sample of an open file must all agree with the note. Never fails: a sidecar that cannot be read is
    /// dealt with when it is written.
    func check(_ id: Int64, _ file: ReadableFile) -> AdoptedFile? {
        guard !refused.withLock({ $0.contains(id) }) else { return nil }
        let gathering = policies.metadataFolder(at: file.path)
        for dialect in policies.sidecars(at: file.path).compactMap({ try? SidecarDialects.named($0) }) {
            let path = SidecarPlace.path(of: file.path, suffix: dialect.suffix, gatheredIn: gathering)
            guard case .success = FileIdentity.of(path), let text = try? SidecarText.read(path),
                let note = dialect.note(in: text.object), note.fits(file.identity),
                let sample = try? FileSample.read(file), sample == note.sample,
                file.currentIdentity()?.isUntouched(since: file.identity) == true
            else { continue }
            return AdoptedFile(note: note, sample: sample, identity: file.identity)
        }
        return nil
    }

    /// Takes the digests, what Civitai said and the user's edits over; nil when the store knows the same digests of other
    /// bytes. Gives the content's id.
    func adopt(_ adopted: AdoptedFile, location: Int64, _ connection: Connection) throws(ShelfError) -> Int64? {
        let told = adopted.note.digests
        var digests = StoredDigests()
        digests.sha256 = told.sha256
        digests.tensorSHA256 = told.tensorSHA256
        digests.afterHeaderSHA256 = told.afterHeaderSHA256
        digests.legacyWindowSHA256 = told.legacyWindowSHA256
        digests.blake3 = told.blake3
        digests.crc32 = told.crc32
        var isClaim = true
        let known = try connection.int("SELECT id FROM content WHERE sha256 = ?", .blob(told.sha256))
        if let known, let content = try connection.content(known) {
            guard content.sample == adopted.sample, content.size == adopted.identity.size else {
                refused.withLock { _ = $0.insert(location) }
                return nil
            }
            // What was computed here counts more than what is told.
            digests = content.digests
            isClaim = try connection.isAdopted(content: known)
        }
        let content = try connection.setDigests(
            location: location, digests, sample: adopted.sample, adopted.identity)
        if isClaim { try connection.markAdopted(content: content) }
        if let civitai = adopted.note.civitai { try RemoteNote.adopt(civitai, content: content, connection) }
        _ = try UserNote.unite(adopted.note.user, content: content, connection)
        return content
    }
}
