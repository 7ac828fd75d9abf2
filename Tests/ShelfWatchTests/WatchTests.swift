import Glibc
import ModelShelf
import ShelfBase
import Testing

/// The whole watcher: from a file that somebody writes to the event, through the store.
@Suite(.serialized, .timeLimit(.minutes(3)))
struct WatchTests {
    let playground: Playground
    let shelf: Shelf

    init() throws {
        playground = try Playground()
        shelf = try Shelf.open(database: playground.home.appending("modelshelf.db"), offline: true)
    }

    /// What an event says, in short.
    private struct Said: Hashable, CustomStringConvertible {
        let kind: WatchEvent.Kind
        let name: String
        var old: String?

        var description: String { "\(kind) \(name)" + (old.map { " from \($0)" } ?? "") }
    }

    private func watch(polls: Bool = false) throws -> Watch {
        var options = WatchOptions()
        options.onlyPolls = polls
        options.pollMilliseconds = 300
        return try shelf.watch([ScanRequest.Folder(path: playground.folder)], options)
    }

    private func name(_ path: FilePath) -> String {
        path.relative(to: playground.folder)?.display ?? path.display
    }

    private func events(_ watch: Watch, _ count: Int, within milliseconds: Int64 = 60_000) throws -> [WatchEvent] {
        var all: [WatchEvent] = []
        let end = Clock.monotonicNanoseconds() + milliseconds * 1_000_000
        while all.count < count, Clock.monotonicNanoseconds() < end { all += try watch.next(milliseconds: 50) }
        // And nothing that should not come.
        Clock.sleep(milliseconds: 300)
        return all + (try watch.next(milliseconds: 0))
    }

    private func said(_ watch: Watch, _ count: Int) throws -> [Said] {
        try events(watch, count).map { Said(kind: $0.kind, name: name($0.path), old: $0.oldPath.map(name)) }
    }

    /// What is told in a time in which nothing should be.
    private func quiet(_ watch: Watch) throws -> [WatchEvent] {
        Clock.sleep(milliseconds: 700)
        return try watch.next(milliseconds: 0)
    }

    @Test("A file's life: added, changed, moved, removed; nothing for what was known", arguments: [false, true])
    func life(polls: Bool) throws {
        try playground.write(Playground.safetensors(seed: 1), to: "old.safetensors")
        _ = try shelf.scan(ScanRequest(folders: [ScanRequest.Folder(path: playground.folder)]))
        try playground.write(Playground.safetensors(seed: 2), to: "waiting.safetensors")
        let watch = try watch(polls: polls)
        defer { watch.stop() }
        #expect(try said(watch, 1) == [Said(kind: .added, name: "waiting.safetensors")])

        try playground.write(Playground.safetensors(seed: 3), to: "a.safetensors")
        let added = try events(watch, 1)
        #expect(added.map(\.kind) == [.added])
        #expect(added.first?.model?.hash("sha256")?.count == 64)
        #expect(added.first?.model?.type == "LORA")

        try playground.write(Playground.safetensors(size: 100, seed: 4), to: "a.safetensors")
        #expect(try said(watch, 1) == [Said(kind: .changed, name: "a.safetensors")])
        try playground.makeFolder("sub")
        try playground.rename("a.safetensors", to: "sub/b.safetensors")
        #expect(try said(watch, 1) == [Said(kind: .moved, name: "sub/b.safetensors", old: "a.safetensors")])
        playground.delete("sub/b.safetensors")
        let removed = try events(watch, 1)
        #expect(removed.map(\.kind) == [.removed])
        #expect(removed.first?.model?.isMissing == true)
        #expect(try said(watch, 0) == [])
    }

    @Test("The same bytes written again are no news; a copy is")
    func sameBytes() throws {
        let watch = try watch()
        defer { watch.stop() }
        try playground.write(Playground.safetensors(seed: 1), to: "a.safetensors")
        #expect(try said(watch, 1) == [Said(kind: .added, name: "a.safetensors")])
        try playground.write(Playground.safetensors(seed: 1), to: "a.safetensors")
        #expect(try quiet(watch).isEmpty)
        try playground.write(Playground.safetensors(seed: 1), to: "b.safetensors")
        let copy = try events(watch, 1)
        #expect(copy.map(\.kind) == [.added])
        #expect(copy.first?.model?.json["duplicates"]?.array?.count == 1)
    }

    @Test("What cannot be used fails once")
    func failures() throws {
        let watch = try watch()
        defer { watch.stop() }
        try playground.write(Array("<!DOCTYPE html><html><body>Log in".utf8), to: "page.safetensors")
        // It does not tell its size, so it must have stayed the same for two seconds.
        let failed = try events(watch, 1)
        #expect(failed.map(\.kind) == [.failed])
        #expect(failed.first?.error?.code == .corruptFile)
        watch.stop()
        let again = try self.watch()
        defer { again.stop() }
        #expect(try quiet(again).isEmpty)
    }

    @Test("A file cut short is never told")
    func cutShort() throws {
        let watch = try watch()
        defer { watch.stop() }
        let bytes = Playground.safetensors(size: 5000)
        try playground.write(Array(bytes[..<3000]), to: "x.safetensors")
        try playground.write(Playground.safetensors(seed: 1), to: "y.safetensors")
        #expect(try said(watch, 1) == [Said(kind: .added, name: "y.safetensors")])
        try playground.write(bytes, to: "x.safetensors")
        #expect(try said(watch, 1) == [Said(kind: .added, name: "x.safetensors")])
    }

    @Test("Five hundred files, each told once")
    func manyFiles() throws {
        let watch = try watch()
        defer { watch.stop() }
        try playground.makeFolder("a/b")
        for index in 0..<500 {
            try playground.write(Playground.safetensors(seed: index), to: "a/b/\(index).safetensors")
        }
        let events = try events(watch, 500, within: 60_000)
        #expect(events.count == 500)
        #expect(Set(events.map(\.path)).count == 500)
        #expect(events.allSatisfy { $0.kind == .added })
        try playground.rename("a", to: "c")
        let moved = try self.events(watch, 500, within: 60_000)
        #expect(moved.count == 500)
        #expect(moved.allSatisfy { $0.kind == .moved && $0.oldPath != nil })
    }

    /// A whole file that takes seconds to hash; its data is a hole, or zeros.
    private func large(_ name: String) throws {
        let size = 256 << 20
        let header =
            "{\"lora_unet_x.lora_down.weight\":{\"dtype\":\"U8\",\"shape\":[1,\(size)],\"data_offsets\":[0,\(size)]}}"
        let descriptor = try playground.open(name + ".part")
        try Playground.write(
            withUnsafeBytes(of: UInt64(header.utf8.count)) { Array($0) } + Array(header.utf8), to: descriptor)
        #expect(ftruncate(descriptor, off_t(8 + header.utf8.count + size)) == 0)
        close(descriptor)
        try playground.rename(name + ".part", to: name)
    }

    /// Waits until the hashing of a file has begun: its header is in the library.
    private func waitUntilTakenUp(_ name: String) throws {
        let end = Clock.monotonicNanoseconds() + 20_000_000_000
        while Clock.monotonicNanoseconds() < end {
            if (try? shelf.record(playground.path(name)))?.format == "safetensors" { return }
            Clock.sleep(milliseconds: 10)
        }
        Issue.record("never taken up")
    }

    @Test("Deleted while it is hashed: nothing is told")
    func deletedMeanwhile() throws {
        let watch = try watch()
        defer { watch.stop() }
        try large("x.safetensors")
        try waitUntilTakenUp("x.safetensors")
        playground.delete("x.safetensors")
        try playground.write(Playground.safetensors(), to: "y.safetensors")
        #expect(try said(watch, 1) == [Said(kind: .added, name: "y.safetensors")])
    }

    @Test("Moved while it is hashed: told once, under its new name, and keeps what was said of it")
    func movedMeanwhile() throws {
        let watch = try watch()
        defer { watch.stop() }
        try large("x.safetensors")
        try waitUntilTakenUp("x.safetensors")
        _ = try shelf.update(playground.path("x.safetensors"), [.notes("mine")])
        try playground.rename("x.safetensors", to: "z.safetensors")
        let events = try events(watch, 1, within: 60_000)
        #expect(events.map { Said(kind: $0.kind, name: name($0.path)) } == [Said(kind: .added, name: "z.safetensors")])
        #expect(events.first?.model?.json["user"]?["notes"]?.string == "mine")
        #expect(try shelf.list().total == 1)
    }

    @Test("Ends in the middle of a file, which the next watch takes up")
    func stopsWhileHashing() throws {
        let watch = try watch()
        try large("x.safetensors")
        try waitUntilTakenUp("x.safetensors")
        watch.stop()
        // It did not wait for the end of the file. How long it takes is measured by `make bench`.
        #expect(try shelf.record(playground.path("x.safetensors")).hash("sha256") == nil)
        #expect(watch.isEnded)
        #expect(try watch.next(milliseconds: -1).isEmpty)
        watch.stop()
        let again = try self.watch()
        defer { again.stop() }
        let events = try events(again, 1, within: 60_000)
        #expect(events.map(\.kind) == [.added])
    }

    @Test("Starting and stopping leaves no descriptor and no thread behind")
    func cycles() throws {
        func count(_ folder: String) -> Int {
            (try? FolderReader.entries(of: FilePath("/proc/self/\(folder)")) { _, _ in .look })?.count ?? 0
        }
        try playground.write(Playground.safetensors(), to: "x.safetensors")
        func cycle() throws {
            let watch = try watch()
            let other = try self.watch()
            _ = try watch.next(milliseconds: 20)
            other.stop()
            watch.stop()
        }
        try cycle()
        // Other tests run beside this one: the least that is seen is what counts.
        let before = (count("fd"), count("task"))
        for _ in 0..<20 { try cycle() }
        var after = (Int.max, Int.max)
        for _ in 0..<3000 where after.0 > before.0 || after.1 > before.1 {
            after = (min(after.0, count("fd")), min(after.1, count("task")))
            Clock.sleep(milliseconds: 20)
        }
        #expect(after.0 <= before.0)
        #expect(after.1 <= before.1)
    }

    @Test("A watch that nobody holds ends, and one ends with its shelf")
    func ends() throws {
        do { _ = try watch() }
        let watch = try watch()
        shelf.close()
        #expect(watch.isEnded)
        #expect(throws: ShelfError.self) { try self.watch() }
    }

    @Test("Only folders can be watched, and there must be one")
    func refusals() throws {
        #expect(throws: ShelfError.self) { try shelf.watch() }
        try playground.write(Playground.safetensors(), to: "x.safetensors")
        #expect(throws: ShelfError.self) {
            try shelf.watch([ScanRequest.Folder(path: playground.path("x.safetensors"))])
        }
        #expect(throws: ShelfError.self) {
            try shelf.watch([ScanRequest.Folder(path: playground.folder, type: "no such type")])
        }
    }
}
