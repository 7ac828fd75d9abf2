import ShelfBase
import Testing

@testable import ShelfWatch

struct MachineTests {
    private func check(_ isTrue: Bool, at location: SourceLocation = #_sourceLocation) {
        #expect(isTrue, sourceLocation: location)
    }

    private let second: Int64 = 1_000_000_000

    @Test("A departure is held for a moment, and longer while a file of its size is on its way in")
    func departures() {
        var departures = Departures()
        let path = FilePath("/m/a")
        departures.note(path, size: 5, now: 0)
        check(departures.due(now: second / 4) { _ in false }.isEmpty)
        #expect(departures.nextDeadline == Departures.grace)
        check(departures.due(now: second) { $0 == 5 }.isEmpty)
        check(departures.due(now: 2 * second) { _ in false } == [path])
        #expect(departures.isEmpty)

        departures.note(path, size: 5, now: 0)
        check(departures.due(now: 30 * second) { _ in true } == [path])

        departures.note(path, size: 5, now: 0)
        departures.cancel(path)
        check(departures.due(now: second) { _ in false }.isEmpty)
    }

    @Test("The halves of a rename find each other by their cookie, also with others between them")
    func pairs() {
        var pairs = MovePairs()
        pairs.leave(1, FilePath("/m/a"), isFolder: false, now: 0)
        pairs.leave(2, FilePath("/m/b"), isFolder: true, now: 0)
        check(pairs.arrive(2) == MovePairs.Half(path: FilePath("/m/b"), isFolder: true))
        check(pairs.arrive(2) == nil)
        check(pairs.expired(now: 1).isEmpty)
        check(pairs.expired(now: second).map(\.path) == [FilePath("/m/a")])
        #expect(pairs.nextDeadline == nil)
        // Something else stands where it was: it is not waited for any more.
        pairs.leave(3, FilePath("/m/a"), isFolder: true, now: 0)
        check(pairs.replaced(FilePath("/m/b")) == nil)
        check(pairs.replaced(FilePath("/m/a")) == MovePairs.Half(path: FilePath("/m/a"), isFolder: true))
        check(pairs.arrive(3) == nil && pairs.replaced(FilePath("/m/a")) == nil)
    }

    @Test("The agenda fires only for what is on it, and slow listings are rarer")
    func agenda() {
        var agenda = Agenda(pollInterval: 5 * second, reconcileInterval: 600 * second)
        #expect(agenda.nextDeadline == nil)
        agenda.require(.reconcile, now: 0)
        #expect(agenda.nextDeadline == 600 * second)
        agenda.require(.poll, now: 0)
        agenda.require(.poll, now: second)
        #expect(agenda.nextDeadline == 5 * second)
        #expect(agenda.isDue(.poll, now: 5 * second))
        agenda.done(.poll, now: 10 * second, duration: 3 * second)
        #expect(!agenda.isDue(.poll, now: 39 * second))
        #expect(agenda.isDue(.poll, now: 40 * second))
        agenda.drop(.poll)
        agenda.hasten(.reconcile, now: 7)
        #expect(agenda.isDue(.reconcile, now: 7))
    }

    @Test("Folders keep their number when one above them is renamed")
    func folderMap() {
        var map = FolderMap()
        let added1false = map.add(1, FilePath("/m")) { _ in false }
        #expect(added1false)
        let added2false = map.add(2, FilePath("/m/a")) { _ in false }
        #expect(added2false)
        let added3false = map.add(3, FilePath("/m/a/b")) { _ in false }
        #expect(added3false)
        let added4false = map.add(4, FilePath("/m/ab")) { _ in false }
        #expect(added4false)
        map.rename(FilePath("/m/a"), to: FilePath("/m/c"))
        #expect(map.path(3) == FilePath("/m/c/b"))
        #expect(map.path(4) == FilePath("/m/ab"))
        #expect(map.number(FilePath("/m/a")) == nil)
        #expect(Set(map.numbers(below: FilePath("/m/c"))) == [2, 3])
        // The same folder by a link keeps its first name; a folder that is elsewhere now takes its new one.
        let isAlias = !map.add(2, FilePath("/m/link")) { _ in true }
        #expect(isAlias)
        let isElsewhere = map.add(2, FilePath("/m/new")) { _ in false }
        #expect(isElsewhere)
        #expect(map.path(2) == FilePath("/m/new"))
        map.remove(2)
        #expect(map.number(FilePath("/m/new")) == nil)
    }

    @Test("Records of the kernel are read as far as they are whole")
    func parse() {
        var bytes: [UInt8] = []
        func add(_ number: Int32, _ mask: UInt32, _ cookie: UInt32, _ name: String, padded: Int) {
            for value in [UInt32(bitPattern: number), mask, cookie, UInt32(padded)] {
                withUnsafeBytes(of: value) { bytes += $0 }
            }
            bytes += Array(name.utf8) + [UInt8](repeating: 0, count: padded - name.utf8.count)
        }
        add(3, 0x100, 0, "x.safetensors", padded: 16)
        add(4, 0x4000_0080, 9, "folder", padded: 16)
        add(-1, 0x4000, 0, "", padded: 0)
        let events = bytes.withUnsafeBytes { FolderEvent.parse($0) }
        #expect(events.map(\.number) == [3, 4, -1])
        #expect(events.map(\.name) == [FilePath("x.safetensors"), FilePath("folder"), FilePath("")])
        #expect(events.map(\.isFolder) == [false, true, false])
        #expect(events[1].cookie == 9)
        for cut in 0..<bytes.count {
            let part = Array(bytes[..<cut])
            #expect(part.withUnsafeBytes { FolderEvent.parse($0) }.count <= 2)
        }
    }

    @Test("The end of a zip archive", arguments: [0, 1, 300])
    func zipEnd(comment: Int) {
        var end: [UInt8] = [0x50, 0x4b, 5, 6] + [UInt8](repeating: 0, count: 16)
        end += [UInt8(comment & 255), UInt8(comment >> 8)] + [UInt8](repeating: 0x20, count: comment)
        let whole = [UInt8](repeating: 7, count: 50) + end
        #expect(Extents.hasZipEnd(whole))
        #expect(!Extents.hasZipEnd(Array(whole.dropLast())))
        #expect(!Extents.hasZipEnd(whole + [0]))
        #expect(!Extents.hasZipEnd([]))
    }

    @Test("File systems that do not report everything")
    func fileSystems() {
        for type in [0x6969, 0x6573_5546, 0xff53_4d42, 0xfe53_4d42, 0x517b, 0x0102_1997] {
            #expect(NetworkFileSystem.isSilent(type: type))
        }
        // SMB 2 as a signed number; ext4, tmpfs, overlay, btrfs, XFS, and no answer.
        #expect(NetworkFileSystem.isSilent(type: Int(Int32(bitPattern: 0xfe53_4d42))))
        for type in [0xef53, 0x0102_1994, 0x794c_7630, 0x9123_683e, 0x5846_5342, -1] {
            #expect(!NetworkFileSystem.isSilent(type: type))
        }
    }
}
