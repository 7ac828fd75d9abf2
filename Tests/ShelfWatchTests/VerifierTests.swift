import ShelfBase
import ShelfStore
import Testing

@testable import ModelShelf

/// A watch that has nothing else to do.
@Suite(.serialized, .timeLimit(.minutes(3)))
struct VerifierTests {
    let playground: Playground
    let shelf: Shelf

    init() throws {
        playground = try Playground()
        shelf = try Shelf.open(database: playground.home.appending("modelshelf.db"), offline: true)
    }

    /// Contents whose digests are a sidecar's word.
    private func open(_ shelf: Shelf) throws -> Int {
        try shelf.store.read { (connection) throws(ShelfError) in try connection.adoptedContents() }.count
    }

    @Test("Digests that sidecars told are computed while nothing happens; a lie is a change, the truth is no news")
    func adopted() throws {
        let folder = ScanRequest.Folder(path: playground.folder)
        for seed in 1...3 { try playground.write(Playground.safetensors(seed: seed), to: "\(seed).safetensors") }
        var request = ScanRequest(folders: [folder])
        request.sidecars = ["server"]
        #expect(try shelf.scan(request).hashed == 3)
        let truth = try #require(shelf.record(playground.path("2.safetensors")).hash("sha256"))
        let sidecar = playground.path("2.safetensors.metadata.json")
        let file = try ReadableFile(sidecar)
        let text = String(decoding: try file.bytes(at: 0, count: Int(file.size)), as: UTF8.self)
        let lie = text.replacing("\"\(truth)\"", with: "\"" + String(repeating: "ab", count: 32) + "\"")
        #expect(lie != text)
        try Playground.write(Array(lie.utf8), to: sidecar)

        let other = try Shelf.open(database: playground.home.appending("other.db"), offline: true)
        #expect(try other.scan(request).adopted == 3)
        var options = WatchOptions()
        options.idleMilliseconds = 200
        let watch = try other.watch([folder], options)
        defer { watch.stop() }
        let told = try watch.next(milliseconds: 60_000)
        #expect(told.map(\.kind) == [.changed])
        #expect(told.first?.path == playground.path("2.safetensors"))
        #expect(told.first?.model?.hash("sha256") == truth)
        let end = Clock.monotonicNanoseconds() + 60_000_000_000
        while try open(other) > 0, Clock.monotonicNanoseconds() < end { Clock.sleep(milliseconds: 20) }
        #expect(try open(other) == 0)
        #expect(try watch.next(milliseconds: 500).isEmpty)
    }
}
