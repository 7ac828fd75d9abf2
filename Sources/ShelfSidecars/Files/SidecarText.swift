internal import CSystem
internal import Glibc
public import ShelfBase

/// A sidecar as it was read: its bytes, what they say, and the state of the file.
public struct SidecarText: Sendable {
    public let bytes: [UInt8]
    public let object: ExactObject
    /// What `fstat` said before and after the reading.
    public let identity: FileIdentity

    /// A larger file is not read: nothing that describes one model is so long.
    public static let largest: Int64 = 16 << 20

    /// Reads and checks a sidecar; nil when there is none.
    ///
    /// - Throws: `corrupt_file` for what is no JSON object (see ``setAside(_:)``), `too_large`, `unreadable` for what is
    ///   no regular file or may not be read.
    public static func read(_ path: FilePath) throws(ShelfError) -> SidecarText? {
        var attempt = 0
        while true {
            guard let (bytes, identity) = try content(of: path) else { return nil }
            do throws(JSONError) {
                guard let object = try ExactJSON.parse(bytes).object else {
                    throw JSONError(.wrongType, at: 0)
                }
                return SidecarText(bytes: bytes, object: object, identity: identity)
            } catch {
                // Another program may be writing it just now, from front to back: it gets the time to end that.
                attempt += 1
                if attempt < 4, identity.isModified(justBefore: Clock.wallNanoseconds()) {
                    Clock.sleep(milliseconds: 40)
                    continue
                }
                throw ShelfError(
                    .corruptFile, "the sidecar is damaged: \(error.reason.rawValue) at byte \(error.offset)",
                    path: path)
            }
        }
    }

    private static func content(of path: FilePath) throws(ShelfError) -> ([UInt8], FileIdentity)? {
        for _ in 0..<5 {
            let file: ReadableFile
            do throws(ShelfError) {
                file = try ReadableFile(path)
            } catch {
                if error.code == .notFound, !isThere(path) { return nil }
                throw error
            }
            guard file.size <= largest else {
                throw ShelfError(
                    .tooLarge, "the sidecar has more than \(largest >> 20) MiB and is left alone", path: path,
                    hint: "move it away; modelshelf then writes its own")
            }
            let bytes = try file.bytes(at: 0, count: Int(file.size) + 1)
            guard bytes.count == Int(file.size), file.currentIdentity()?.isUntouched(since: file.identity) == true
            else { continue }
            return (bytes, file.identity)
        }
        throw ShelfError(
            .fileChanged, "the sidecar changed while it was read, five times in a row", path: path,
            hint: "try again when its writer is done")
    }

    /// Whether the name is taken, if only by a link that leads nowhere.
    private static func isThere(_ path: FilePath) -> Bool {
        if case .success = FileIdentity.of(path, followLinks: false) { true } else { false }
    }

    /// Gives a damaged sidecar the name `….corrupt`, or a numbered one when that is taken: what is in it may be wanted
    /// back. Gives the new name; nil when the file is not there any more or is a link to somewhere else, which is left.
    public static func setAside(_ path: FilePath) throws(ShelfError) -> FilePath? {
        guard case .success(let identity) = FileIdentity.of(path, followLinks: false), identity.kind == .file else {
            return nil
        }
        for number in 1...1000 {
            let ending = number == 1 ? ".corrupt" : ".corrupt-\(number)"
            let other = FilePath(bytes: path.bytes + Array(ending.utf8))
            let code = path.withCString { from in other.withCString { shelf_rename_exclusively(from, $0) } }
            if code == 0 { return other }
            if errno == ENOENT { return nil }
            guard errno == EEXIST else { throw .system(errno, "set the damaged sidecar aside", path) }
        }
        throw ShelfError(
            .corruptFile, "the sidecar is damaged, and a thousand damaged ones are kept already", path: path,
            hint: "look at the files ending in .corrupt and remove them")
    }
}
