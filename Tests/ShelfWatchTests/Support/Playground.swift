import Glibc
import ModelShelf
import ShelfBase

@testable import ShelfWatch

/// A folder of its own for one test, and ways to put files into it as programs do.
final class Playground: Sendable {
    let home: FilePath
    let folder: FilePath

    init() throws {
        var template = Array("/tmp/shelf-watch-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw PlaygroundError.noFolder }
        let bytes = template.dropLast().map { UInt8(bitPattern: $0) }
        home = FilePath(bytes: Array(bytes))
        folder = home.appending("models")
        try makeFolder("")
    }

    deinit { Self.remove(home) }

    func path(_ name: String) -> FilePath { folder.appending(name) }

    func makeFolder(_ name: String) throws { try Paths.createFolder(path(name)) }

    /// A whole safetensors file; `seed` makes its bytes others.
    static func safetensors(size: Int = 64, seed: Int = 0) -> [UInt8] {
        let header =
            "{\"lora_unet_x.lora_down.weight\":{\"dtype\":\"U8\",\"shape\":[1,\(size)],\"data_offsets\":[0,\(size)]}}"
        var bytes = withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian) { Array($0) }
        bytes += Array(header.utf8)
        var data = [UInt8](repeating: UInt8(truncatingIfNeeded: seed), count: size)
        withUnsafeBytes(of: seed) { seed in for (index, byte) in seed.enumerated() { data[index] = byte } }
        return bytes + data
    }

    func write(_ bytes: [UInt8], to name: String) throws { try Self.write(bytes, to: path(name)) }

    static func write(_ bytes: [UInt8], to path: FilePath) throws {
        let descriptor = path.withCString { Glibc.open($0, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644) }
        guard descriptor >= 0 else { throw PlaygroundError.failed(errno) }
        defer { close(descriptor) }
        try write(bytes, to: descriptor)
    }

    static func write(_ bytes: [UInt8], to descriptor: Int32) throws {
        guard bytes.withUnsafeBytes({ Glibc.write(descriptor, $0.baseAddress, $0.count) }) == bytes.count else {
            throw PlaygroundError.failed(errno)
        }
    }

    /// Opens for writing and stays open.
    func open(_ name: String, truncate: Bool = true) throws -> Int32 {
        let flags = O_WRONLY | O_CREAT | O_CLOEXEC | (truncate ? O_TRUNC : 0)
        let descriptor = path(name).withCString { Glibc.open($0, flags, 0o644) }
        guard descriptor >= 0 else { throw PlaygroundError.failed(errno) }
        return descriptor
    }

    func rename(_ old: String, to new: String) throws {
        let status = path(old).withCString { old in path(new).withCString { Glibc.rename(old, $0) } }
        guard status == 0 else { throw PlaygroundError.failed(errno) }
    }

    func link(_ old: FilePath, as new: String) throws {
        let status = old.withCString { old in path(new).withCString { Glibc.link(old, $0) } }
        guard status == 0 else { throw PlaygroundError.failed(errno) }
    }

    func symlink(_ target: FilePath, as new: String) throws {
        let status = target.withCString { target in path(new).withCString { Glibc.symlink(target, $0) } }
        guard status == 0 else { throw PlaygroundError.failed(errno) }
    }

    func delete(_ name: String) { _ = path(name).withCString { unlink($0) } }

    static func remove(_ path: FilePath) {
        if case .success(let identity) = FileIdentity.of(path, followLinks: false), identity.kind == .folder {
            let entries = (try? FolderReader.entries(of: path) { _, _ in .look }) ?? []
            for entry in entries { remove(path.appending(entry.name)) }
            _ = path.withCString { rmdir($0) }
        } else {
            _ = path.withCString { unlink($0) }
        }
    }
}

enum PlaygroundError: Error {
    case noFolder
    case failed(Int32)
}

/// A detector and what it has reported.
///
/// A close that follows a listing closely may be reported once more although nothing changed; that is left out here.
final class Lookout: Sendable {
    private let seen = Mailbox<Sighting>()
    let detector: Detector

    /// - Parameter answers: whether ready files count as dealt with at once.
    init(_ folders: [FilePath], answers: Bool = true, _ change: (inout DetectorOptions) -> Void = { _ in }) throws {
        var options = DetectorOptions()
        options.settle = 300_000_000
        options.settlePickle = 600_000_000
        options.pollInterval = 200_000_000
        change(&options)
        let relay = Locked<Detector?>(nil)
        let stamps = Locked<[FilePath: FileIdentity]>([:])
        detector = try Detector(folders, options: options, known: { _ in [:] }) { [seen] sightings in
            for sighting in sightings {
                let identity = try? FileIdentity.of(sighting.path).get()
                let isNews = stamps.withLock { stamps in
                    defer { stamps[sighting.path] = identity }
                    return identity == nil || stamps[sighting.path] != identity
                }
                if isNews { seen.post(sighting) }
                if answers, case .ready(let path, _) = sighting { relay.withLock { $0 }?.finished([path]) }
            }
        }
        relay.withLock { $0 = detector }
        try detector.start()
    }

    deinit { detector.stop() }

    /// What comes until `count` sightings are there, and then for a short while what should not.
    func sightings(_ count: Int, within milliseconds: Int64 = 30_000, extra: Int64 = 150) -> [Sighting] {
        var all: [Sighting] = []
        let end = Clock.monotonicNanoseconds() + milliseconds * 1_000_000
        while all.count < count, Clock.monotonicNanoseconds() < end { all += seen.receiveAll(milliseconds: 50) }
        Clock.sleep(milliseconds: extra)
        return all + seen.receiveAll(milliseconds: 0)
    }

    /// What comes in a time in which nothing should.
    func quiet(_ milliseconds: Int64) -> [Sighting] {
        Clock.sleep(milliseconds: milliseconds)
        return seen.receiveAll(milliseconds: 0)
    }
}

extension Sighting {
    var path: FilePath {
        switch self {
        case .ready(let path, _), .gone(let path): path
        }
    }
}
