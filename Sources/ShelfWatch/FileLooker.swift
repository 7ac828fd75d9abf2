internal import CSystem
internal import Glibc
public import ShelfBase
internal import ShelfFormats

/// Looks at a file that may still be written.
struct FileLooker {
    /// Whether the file's folder is on another machine: its clock and its writers are not known here.
    let isRemote: Bool

    /// Times of another machine's clock are believed from this age on (nanoseconds).
    private static let trustedAge: Int64 = 600_000_000_000

    func look(_ path: FilePath) -> Look {
        guard case .success(let identity) = FileIdentity.of(path), identity.kind == .file else { return .gone }
        let control = path.appending(suffix: "." + ModelFileExtensions.controlFile)
        if case .success = FileIdentity.of(control) { return .unfinished }
        var facts = Look.Facts(stamp: FileStamp(identity), extent: .unknown)
        let age = Clock.wallNanoseconds().subtractingReportingOverflow(max(identity.modified, identity.changed))
        if !age.overflow, age.partialValue >= (isRemote ? Self.trustedAge : 0) { facts.age = age.partialValue }
        guard identity.size > 0 else {
            facts.extent = .incomplete
            return .file(facts)
        }
        // What cannot be opened is reported by whoever takes it up.
        guard let file = try? ReadableFile(path) else { return .file(facts) }
        facts.extent = Extents.extent(of: file)
        let descriptor = path.withCString { open($0, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY) }
        guard descriptor >= 0 else { return .file(facts) }
        defer { close(descriptor) }
        var status = stat()
        facts.hasOtherNames = fstat(descriptor, &status) == 0 && status.st_nlink > 1
        facts.hasHoles = shelf_has_holes(descriptor) == 1
        switch shelf_has_writer(descriptor) {
        case 1: facts.isBeingWritten = true
        case 0 where !isRemote: facts.isBeingWritten = false
        default: break
        }
        return .file(facts)
    }
}

extension Detector {
    /// Whether somebody is at work on a file just now, so that what is wrong with it says nothing; its end is reported.
    public static func isUnfinished(_ path: FilePath) -> Bool {
        switch FileLooker(isRemote: false).look(path) {
        case .gone, .unfinished: true
        case .file(let facts): facts.extent == .incomplete || facts.isBeingWritten == true
        }
    }
}

extension FilePath {
    /// The path with text after its last letter.
    func appending(suffix: String) -> FilePath { FilePath(bytes: bytes + Array(suffix.utf8)) }
}
