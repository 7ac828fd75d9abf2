import Glibc
import ShelfBase
import Testing

@testable import ShelfWatch

/// Real folders, written to as real programs do; inotify, and the same by listing alone.
@Suite(.timeLimit(.minutes(2)))
struct DetectorTests {
    let playground: Playground

    init() throws { playground = try Playground() }

    private func lookout(polls: Bool = false) throws -> Lookout {
        let lookout = try Lookout([playground.folder]) { $0.onlyPolls = polls }
        // The first look through the folders is over once a file is seen.
        try playground.write(Playground.safetensors(), to: "first.safetensors")
        #expect(lookout.sightings(1) == [.ready(playground.path("first.safetensors"), from: nil)])
        return lookout
    }

    @Test("A slow writer", arguments: [false, true])
    func slowWriter(polls: Bool) throws {
        let lookout = try lookout(polls: polls)
        let bytes = Playground.safetensors(size: 4000)
        let descriptor = try playground.open("x.safetensors")
        for start in stride(from: 0, to: bytes.count, by: 1000) {
            try Playground.write(Array(bytes[start..<min(start + 1000, bytes.count)]), to: descriptor)
            #expect(lookout.quiet(450).isEmpty)
        }
        close(descriptor)
        #expect(lookout.sightings(1) == [.ready(playground.path("x.safetensors"), from: nil)])
    }

    @Test("Preallocated, then written from the end")
    func preallocated() throws {
        let lookout = try lookout()
        let bytes = Playground.safetensors(size: 100_000)
        let descriptor = try playground.open("x.safetensors")
        #expect(ftruncate(descriptor, off_t(bytes.count)) == 0)
        #expect(pwrite(descriptor, bytes, 1000, 0) == 1000)
        #expect(lookout.quiet(1000).isEmpty)
        #expect(pwrite(descriptor, bytes, bytes.count, 0) == bytes.count)
        #expect(lookout.quiet(500).isEmpty)
        close(descriptor)
        #expect(lookout.sightings(1) == [.ready(playground.path("x.safetensors"), from: nil)])
    }

    @Test("A writer that was there before the watcher")
    func earlierWriter() throws {
        let bytes = Playground.safetensors(size: 4000)
        let descriptor = try playground.open("x.safetensors")
        #expect(ftruncate(descriptor, off_t(bytes.count)) == 0)
        try Playground.write(Array(bytes[..<2000]), to: descriptor)
        let lookout = try lookout()
        #expect(lookout.quiet(1000).isEmpty)
        try Playground.write(Array(bytes[2000...]), to: descriptor)
        close(descriptor)
        #expect(lookout.sightings(1) == [.ready(playground.path("x.safetensors"), from: nil)])
    }

    @Test("Renamed into place from a partial name", arguments: [false, true])
    func partialName(polls: Bool) throws {
        let lookout = try lookout(polls: polls)
        for name in ["x.safetensors.part", "x.crdownload", ".x.safetensors", "y.tmp", "z.safetensors.incomplete"] {
            try playground.write(Playground.safetensors(seed: 1), to: name)
        }
        #expect(lookout.quiet(700).isEmpty)
        try playground.rename("x.safetensors.part", to: "x.safetensors")
        #expect(lookout.sightings(1) == [.ready(playground.path("x.safetensors"), from: nil)])
        try playground.rename(".x.safetensors", to: "y.safetensors")
        #expect(lookout.sightings(1) == [.ready(playground.path("y.safetensors"), from: nil)])
    }

    @Test("A control file marks its model as unfinished", arguments: [false, true])
    func controlFile(polls: Bool) throws {
        let lookout = try lookout(polls: polls)
        try playground.write([1], to: "x.safetensors.aria2")
        try playground.write(Playground.safetensors(seed: 1), to: "x.safetensors")
        #expect(lookout.quiet(900).isEmpty)
        playground.delete("x.safetensors.aria2")
        #expect(lookout.sightings(1) == [.ready(playground.path("x.safetensors"), from: nil)])
    }

    @Test("A hard link and a link into place", arguments: [false, true])
    func links(polls: Bool) throws {
        let lookout = try lookout(polls: polls)
        let outside = playground.home.appending("blob")
        try Playground.write(Playground.safetensors(seed: 2), to: outside)
        try playground.link(outside, as: "hard.safetensors")
        #expect(lookout.sightings(1) == [.ready(playground.path("hard.safetensors"), from: nil)])
        try playground.symlink(outside, as: "soft.safetensors")
        #expect(lookout.sightings(1) == [.ready(playground.path("soft.safetensors"), from: nil)])
    }

    @Test("New folders, nested, with a file at once", arguments: [false, true])
    func newFolders(polls: Bool) throws {
        let lookout = try lookout(polls: polls)
        for turn in 0..<10 {
            try playground.makeFolder("a\(turn)/b/c")
            try playground.write(Playground.safetensors(seed: turn), to: "a\(turn)/b/c/x.safetensors")
            try playground.write(Playground.safetensors(seed: turn + 100), to: "a\(turn)/y.safetensors")
        }
        #expect(Set(lookout.sightings(20).map(\.path)).count == 20)
        // And the folders go on being watched.
        try playground.write(Playground.safetensors(seed: 1000), to: "a3/b/c/z.safetensors")
        #expect(lookout.sightings(1) == [.ready(playground.path("a3/b/c/z.safetensors"), from: nil)])
    }

    @Test("Five hundred files at once", arguments: [false, true])
    func manyFiles(polls: Bool) throws {
        let lookout = try lookout(polls: polls)
        for index in 0..<500 { try playground.write(Playground.safetensors(seed: index), to: "\(index).safetensors") }
        let sightings = lookout.sightings(500, within: 60_000)
        #expect(Set(sightings.map(\.path)).count == 500)
    }

    @Test("Overwritten in place, and replaced by a rename", arguments: [false, true])
    func overwritten(polls: Bool) throws {
        let lookout = try lookout(polls: polls)
        let first = Sighting.ready(playground.path("first.safetensors"), from: nil)
        try playground.write(Playground.safetensors(size: 90, seed: 5), to: "first.safetensors")
        #expect(lookout.sightings(1) == [first])
        try playground.write(Playground.safetensors(size: 100, seed: 6), to: "new.part")
        try playground.rename("new.part", to: "first.safetensors")
        #expect(lookout.sightings(1) == [first])
    }

    @Test("Renamed, also with the folder around it")
    func renamed() throws {
        let lookout = try lookout()
        try playground.rename("first.safetensors", to: "second.safetensors")
        let moved = lookout.sightings(2)
        #expect(
            moved.first == .ready(playground.path("second.safetensors"), from: playground.path("first.safetensors")))
        try playground.makeFolder("a/b")
        try playground.write(Playground.safetensors(seed: 3), to: "a/b/x.safetensors")
        #expect(lookout.sightings(1) == [.ready(playground.path("a/b/x.safetensors"), from: nil)])
        try playground.rename("a", to: "c")
        let below = lookout.sightings(2)
        #expect(
            below.first == .ready(playground.path("c/b/x.safetensors"), from: playground.path("a/b/x.safetensors")))
        // Reports from the renamed folder come under its new name.
        try playground.write(Playground.safetensors(seed: 4), to: "c/b/y.safetensors")
        #expect(lookout.sightings(1) == [.ready(playground.path("c/b/y.safetensors"), from: nil)])
    }

    @Test("Deleted files are gone after a moment, and not if they come back", arguments: [false, true])
    func deleted(polls: Bool) throws {
        let lookout = try lookout(polls: polls)
        try playground.write(Playground.safetensors(seed: 9), to: "b.safetensors")
        #expect(lookout.sightings(1).count == 1)
        playground.delete("first.safetensors")
        #expect(lookout.sightings(1) == [.gone(playground.path("first.safetensors"))])
        // Within the grace, which a busy machine may let pass between two lines of a test.
        var size = 80
        var pause = Int64.max
        while pause >= Departures.grace / 2, size < 120 {
            size += 1
            let start = Clock.monotonicNanoseconds()
            playground.delete("b.safetensors")
            try playground.write(Playground.safetensors(size: size, seed: 10), to: "b.safetensors")
            pause = Clock.monotonicNanoseconds() - start
            let seen = lookout.sightings(1, extra: 900)
            if pause < Departures.grace / 2 {
                #expect(seen == [.ready(playground.path("b.safetensors"), from: nil)])
            }
        }
        #expect(pause < Departures.grace / 2)
    }

    @Test("Moved out of the watched folders, and a folder moved in and out")
    func movedOut() throws {
        let lookout = try lookout()
        try playground.makeFolder("../other/deep")
        try playground.write(Playground.safetensors(seed: 1), to: "../other/deep/x.safetensors")
        try playground.rename("../other", to: "in")
        #expect(lookout.sightings(1) == [.ready(playground.path("in/deep/x.safetensors"), from: nil)])
        try playground.rename("in", to: "../out")
        #expect(lookout.sightings(1) == [.gone(playground.path("in/deep/x.safetensors"))])
        try playground.write(Playground.safetensors(seed: 2), to: "../out/deep/y.safetensors")
        #expect(lookout.quiet(500).isEmpty)
    }

    @Test("A pickle is taken up when it has stayed the same, its writer pausing")
    func pickle() throws {
        let settle: Int64 = 3_000_000_000
        let lookout = try Lookout([playground.folder]) { $0.settlePickle = settle }
        let bytes: [UInt8] = [0x80, 2, 0x7d, 0x71, 0, 0x2e]
        var last: Int64 = 0
        for _ in 0..<4 {
            let descriptor = try playground.open("x.pt", truncate: false)
            lseek(descriptor, 0, SEEK_END)
            try Playground.write(bytes, to: descriptor)
            last = Clock.monotonicNanoseconds()
            close(descriptor)
            #expect(lookout.quiet(1000).isEmpty)
        }
        #expect(lookout.sightings(1) == [.ready(playground.path("x.pt"), from: nil)])
        #expect(Clock.monotonicNanoseconds() - last >= settle)
    }

    @Test("A root that comes later, goes and comes back")
    func lateRoot() throws {
        let root = playground.home.appending("late")
        let lookout = try Lookout([root])
        #expect(lookout.quiet(300).isEmpty)
        try playground.makeFolder("../late")
        try Playground.write(Playground.safetensors(), to: root.appending("x.safetensors"))
        #expect(lookout.sightings(1) == [.ready(root.appending("x.safetensors"), from: nil)])
        try playground.rename("../late", to: "../away")
        // The disk is away: nothing is gone.
        #expect(lookout.quiet(1200).isEmpty)
        try playground.rename("../away", to: "../late")
        Clock.sleep(milliseconds: 2200)
        try Playground.write(Playground.safetensors(seed: 2), to: root.appending("y.safetensors"))
        #expect(lookout.sightings(1) == [.ready(root.appending("y.safetensors"), from: nil)])
    }

    @Test("A root that was unplugged tells nothing of its files, whoever misses them")
    func unpluggedRoot() throws {
        let lookout = try lookout()
        let (mount, disk) = (playground.home.appending("mount"), playground.home.appending("disk"))
        try Paths.createFolder(mount)
        for (old, new) in [(playground.folder, disk), (mount, playground.folder)] {
            #expect(old.withCString { old in new.withCString { rename(old, $0) } } == 0)
        }
        lookout.detector.finished([], doubted: [playground.path("first.safetensors")])
        #expect(lookout.quiet(1500).isEmpty)
    }

    @Test("A root that is a link and leads elsewhere from some moment on")
    func retargetedRoot() throws {
        let (old, new) = (playground.home.appending("old"), playground.home.appending("new"))
        for place in [old, new] { try Paths.createFolder(place) }
        try playground.symlink(old, as: "../root")
        let lookout = try Lookout([playground.home.appending("root")]) { $0.reconcileInterval = 300_000_000 }
        try Playground.write(Playground.safetensors(), to: old.appending("x.safetensors"))
        #expect(lookout.sightings(1) == [.ready(old.appending("x.safetensors"), from: nil)])
        try Playground.write(Playground.safetensors(seed: 1), to: new.appending("y.safetensors"))
        try playground.symlink(new, as: "../other")
        try playground.rename("../other", to: "../root")
        // What the link led to before is not gone, only out of sight.
        #expect(lookout.sightings(1, extra: 1000) == [.ready(new.appending("y.safetensors"), from: nil)])
        try Playground.write(Playground.safetensors(seed: 2), to: old.appending("unseen.safetensors"))
        try Playground.write(Playground.safetensors(seed: 3), to: new.appending("z.safetensors"))
        #expect(lookout.sightings(1) == [.ready(new.appending("z.safetensors"), from: nil)])
    }

    @Test("What is not answered is not reported twice")
    func unanswered() throws {
        let lookout = try Lookout([playground.folder], answers: false)
        try playground.write(Playground.safetensors(), to: "x.safetensors")
        let path = playground.path("x.safetensors")
        #expect(lookout.sightings(1) == [.ready(path, from: nil)])
        try playground.write(Playground.safetensors(size: 80, seed: 1), to: "x.safetensors")
        #expect(lookout.quiet(500).isEmpty)
        lookout.detector.finished([path])
        #expect(lookout.sightings(1) == [.ready(path, from: nil)])
    }

    @Test("A folder reached by a link is watched, and loops end")
    func linkedFolders() throws {
        let outside = playground.home.appending("outside")
        try Paths.createFolder(outside)
        let lookout = try lookout()
        try playground.symlink(outside, as: "link")
        try playground.symlink(playground.folder, as: "loop")
        Clock.sleep(milliseconds: 200)
        try Playground.write(Playground.safetensors(seed: 1), to: outside.appending("x.safetensors"))
        #expect(lookout.sightings(1) == [.ready(playground.path("link/x.safetensors"), from: nil)])
    }
}
