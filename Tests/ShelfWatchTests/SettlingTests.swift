import ShelfBase
import Testing

@testable import ShelfWatch

/// When is a writer done? Times in milliseconds; one step is a sign, a look, or the passing of time.
struct SettlingTests {
    enum Step {
        case sign(Int64, Settling.Sign)
        /// Looks if a look is due; what it shows, and what is to come of it.
        case look(Int64, Look, Settling.Verdict)
        /// Nothing is due yet.
        case quiet(Int64)
    }

    struct Story: CustomTestStringConvertible {
        let name: String
        let steps: [Step]
        var testDescription: String { name }
    }

    private static func stamp(_ size: Int64, _ time: Int64 = 0) -> FileStamp {
        FileStamp(size: size, modified: time, inode: 1)
    }

    private static func file(
        _ size: Int64, _ extent: Look.Extent, written: Bool? = false, holes: Bool = false, age: Int64? = nil,
        time: Int64 = 0
    ) -> Look {
        .file(
            Look.Facts(
                stamp: stamp(size, time), extent: extent, hasHoles: holes, isBeingWritten: written,
                age: age.map { $0 * 1_000_000 }))
    }

    static let stories: [Story] = [
        Story(
            name: "closed and whole is ready at once",
            steps: [
                .sign(0, .created), .quiet(10), .sign(100, .closed), .look(100, file(9, .whole), .ready(stamp(9))),
            ]),
        Story(
            name: "written in chunks with a close after each",
            steps: [
                .sign(0, .created), .sign(10, .closed), .look(10, file(3, .incomplete), .wait), .quiet(1900),
                .sign(5000, .closed), .look(5000, file(6, .incomplete), .wait), .sign(9000, .closed),
                .look(9000, file(9, .whole), .ready(stamp(9))),
            ]),
        Story(
            name: "preallocated and open waits for its close, however long",
            steps: [
                .sign(0, .created), .look(200, file(9, .whole, written: true), .wait),
                .look(100_000, file(9, .whole, written: true), .wait),
                .look(900_000, file(9, .whole, written: true), .wait), .sign(900_100, .closed),
                .look(900_100, file(9, .whole), .ready(stamp(9))),
            ]),
        Story(
            name: "created, and nobody can tell of a writer: waits for the close",
            steps: [
                .sign(0, .created), .look(200, file(9, .whole, written: nil), .wait),
                .look(60_000, file(9, .whole, written: nil), .wait), .sign(60_100, .closed),
                .look(60_100, file(9, .whole, written: nil), .ready(stamp(9))),
            ]),
        Story(
            name: "a second name of a whole file is never closed",
            steps: [.sign(0, .created), .quiet(150), .look(200, file(9, .whole), .ready(stamp(9)))]),
        Story(
            name: "holes wait for the settling time",
            steps: [
                .sign(0, .closed), .look(0, file(9, .whole, holes: true), .wait), .quiet(1900),
                .look(2000, file(9, .whole, holes: true), .ready(stamp(9))),
            ]),
        Story(
            name: "one of several writers has closed",
            steps: [
                .sign(0, .closed), .look(0, file(9, .whole, written: true), .wait), .quiet(1900), .sign(1950, .closed),
                .look(1950, file(9, .whole), .ready(stamp(9))),
            ]),
        Story(
            name: "a raw pickle settles for ten seconds",
            steps: [
                .sign(0, .closed), .look(0, file(5, .pickle), .wait), .quiet(9900),
                .look(10_000, file(5, .pickle), .ready(stamp(5))),
            ]),
        Story(
            name: "a pickle that grows between two looks starts over",
            steps: [
                .sign(0, .closed), .look(0, file(5, .pickle), .wait), .look(10_000, file(7, .pickle), .wait),
                .quiet(19_900), .look(20_000, file(7, .pickle), .ready(stamp(7))),
            ]),
        Story(
            name: "a pickle whose writer is back waits",
            steps: [
                .sign(0, .closed), .look(0, file(5, .pickle), .wait),
                .look(10_000, file(5, .pickle, written: true), .wait),
                .sign(10_500, .closed), .look(10_500, file(6, .pickle), .wait), .quiet(20_400),
                .look(20_500, file(6, .pickle), .ready(stamp(6))),
            ]),
        Story(
            name: "other formats settle for two seconds",
            steps: [
                .sign(0, .closed), .look(0, file(5, .unknown), .wait), .quiet(1900),
                .look(2000, file(5, .unknown), .ready(stamp(5))),
            ]),
        Story(
            name: "renamed into place and whole",
            steps: [.sign(0, .movedIn(wasSettled: false)), .look(0, file(5, .whole), .ready(stamp(5)))]),
        Story(
            name: "a pickle renamed into place",
            steps: [
                .sign(0, .movedIn(wasSettled: false)), .look(0, file(5, .pickle), .wait), .quiet(1900),
                .look(2000, file(5, .pickle), .ready(stamp(5))),
            ]),
        Story(
            name: "a known file under a new name needs no time",
            steps: [.sign(0, .movedIn(wasSettled: true)), .look(0, file(5, .pickle), .ready(stamp(5)))]),
        Story(
            name: "renamed while it was written",
            steps: [
                .sign(0, .movedIn(wasSettled: false)), .look(0, file(5, .incomplete, written: true), .wait),
                .sign(800, .closed), .look(800, file(9, .whole), .ready(stamp(9))),
            ]),
        Story(
            name: "found by listing, old and whole",
            steps: [.sign(0, .seen), .look(0, file(5, .whole, written: nil, age: 60_000), .ready(stamp(5)))]),
        Story(
            name: "found by listing, young, no word of a writer",
            steps: [
                .sign(0, .seen), .look(0, file(5, .whole, written: nil, age: 500), .wait), .quiet(1400),
                .look(1500, file(5, .whole, written: nil, age: 2000), .ready(stamp(5))),
            ]),
        Story(
            name: "found by listing on a network folder that goes on growing",
            steps: [
                .sign(0, .seen), .look(0, file(5, .unknown, written: nil), .wait),
                .look(2000, file(6, .unknown, written: nil, time: 1), .wait), .quiet(3900),
                .look(4000, file(6, .unknown, written: nil, time: 1), .ready(stamp(6, 1))),
            ]),
        Story(
            name: "an old pickle found by listing",
            steps: [.sign(0, .seen), .look(0, file(5, .pickle, age: 60_000), .ready(stamp(5)))]),
        Story(
            name: "a control file beside it",
            steps: [
                .sign(0, .created), .sign(10, .closed), .look(10, .unfinished, .wait), .sign(1000, .released),
                .look(1000, file(9, .whole), .ready(stamp(9))),
            ]),
        Story(
            name: "gone before it was looked at",
            steps: [.sign(0, .closed), .look(0, .gone, .dropped), .quiet(100_000)]),
        Story(
            name: "kept open for writing by somebody who never writes",
            steps: [
                .sign(0, .closed), .look(0, file(9, .whole, written: true), .wait),
                .look(601_000, file(9, .whole, written: true), .ready(stamp(9))),
            ]),
        Story(
            name: "empty files are never ready",
            steps: [
                .sign(0, .created), .sign(1, .closed), .look(1, file(0, .incomplete), .wait),
                .look(1_000_000, file(0, .incomplete), .wait),
            ]),
    ]

    @Test("Stories", arguments: stories)
    func story(_ story: Story) {
        let path = FilePath("/m/x")
        var settling = Settling()
        for (index, step) in story.steps.enumerated() {
            switch step {
            case .sign(let time, let sign): settling.note(path, sign, now: time * 1_000_000)
            case .quiet(let time):
                #expect(settling.due(now: time * 1_000_000).isEmpty, "step \(index)")
                if let next = settling.nextDeadline { #expect(next > time * 1_000_000, "step \(index)") }
            case .look(let time, let look, let verdict):
                #expect(settling.due(now: time * 1_000_000) == [path], "step \(index)")
                #expect(settling.looked(at: path, look, now: time * 1_000_000) == verdict, "step \(index)")
            }
        }
    }

    @Test("What is dealt with is not reported again before it is done")
    func inFlight() {
        let path = FilePath("/m/x")
        var settling = Settling()
        settling.note(path, .closed, now: 0)
        #expect(settling.looked(at: path, Self.file(9, .whole), now: 0) == .ready(Self.stamp(9)))
        settling.note(path, .closed, now: 1)
        #expect(settling.due(now: 5).isEmpty)
        #expect(settling.nextDeadline == nil)
        settling.finished(path)
        #expect(settling.due(now: 5) == [path])
    }

    @Test("A file that is renamed while it is written goes on waiting under its new name")
    func rename() {
        var settling = Settling()
        let (old, new) = (FilePath("/m/a"), FilePath("/m/b"))
        settling.note(old, .created, now: 0)
        settling.rename(old, to: new, now: 10)
        #expect(settling.due(now: 10) == [new])
        #expect(settling.looked(at: new, Self.file(9, .whole, written: nil), now: 10) == .wait)
        #expect(!settling.isPending(old))
    }

    @Test("A file is on its way in until it is dealt with, and a forgotten one not for ever")
    func busy() {
        let path = FilePath("/m/x")
        var settling = Settling()
        #expect(!settling.isBusy(now: 0))
        settling.note(path, .closed, now: 0)
        #expect(settling.isBusy(now: 0))
        #expect(settling.looked(at: path, Self.file(9, .whole), now: 0) == .ready(Self.stamp(9)))
        #expect(settling.isBusy(now: 3_600_000_000_000))
        settling.finished(path)
        #expect(!settling.isBusy(now: 0))
        settling.note(path, .created, now: 0)
        #expect(settling.looked(at: path, Self.file(1, .incomplete), now: 1) == .wait)
        #expect(settling.isBusy(now: 10_000_000_000))
        #expect(!settling.isBusy(now: 60_000_000_000))
        #expect(settling.looked(at: path, Self.file(2, .incomplete), now: 60_000_000_000) == .wait)
        #expect(settling.isBusy(now: 61_000_000_000))
    }

    @Test("The pauses between looks grow")
    func pauses() {
        let path = FilePath("/m/x")
        var settling = Settling()
        settling.note(path, .created, now: 0)
        var now: Int64 = 200_000_000
        var looks = 0
        while now < 3_600_000_000_000 {
            #expect(settling.looked(at: path, Self.file(1, .incomplete), now: now) == .wait)
            now = settling.nextDeadline ?? .max
            looks += 1
        }
        #expect(looks < 70)
    }
}
