internal import ShelfBase
internal import ShelfSidecars

/// Sidecars that were read and have not changed since: one `stat` in place of opening, reading and checking.
final class SidecarCache: Sendable {
    private struct Entry {
        let identity: FileIdentity
        let bytes: [UInt8]
    }

    private struct Entries {
        var all: [FilePath: Entry] = [:]
        var size = 0
    }

    /// Bytes of text; more and everything is begun anew.
    private static let capacity = 64 << 20

    private let entries = Locked(Entries())

    func bytes(_ path: FilePath, _ identity: FileIdentity) -> [UInt8]? {
        entries.withLock { entries in
            guard let entry = entries.all[path], entry.identity.isUntouched(since: identity) else { return nil }
            return entry.bytes
        }
    }

    func keep(_ path: FilePath, _ text: SidecarText, _ bytes: [UInt8]) {
        // Written just now, it may be written again without a trace in its times.
        guard !text.identity.isModified(justBefore: Clock.wallNanoseconds()) else { return }
        entries.withLock { entries in
            if entries.size + bytes.count > Self.capacity { entries = Entries() }
            if let old = entries.all.updateValue(Entry(identity: text.identity, bytes: bytes), forKey: path) {
                entries.size -= old.bytes.count
            }
            entries.size += bytes.count
        }
    }
}
