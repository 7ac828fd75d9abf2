import ShelfBase
import Testing

@testable import ModelShelf

/// Each thing is said once.
struct LedgerTests {
    private func check(_ isTrue: Bool, at location: SourceLocation = #_sourceLocation) {
        #expect(isTrue, sourceLocation: location)
    }

    private let a = FilePath("/m/a")
    private let b = FilePath("/m/b")

    private func said(_ kinds: WatchEvent.Kind...) -> [Ledger.Announcement] {
        kinds.map { Ledger.Announcement(kind: $0) }
    }

    private func content(_ number: Int64, _ isIdentified: Bool = false) -> Ledger.State {
        .content(number, isIdentified: isIdentified)
    }

    private func failure(_ code: ErrorCode, _ size: Int64 = 1) -> Ledger.State {
        .failed(Ledger.Failure(code: code, size: size, modified: 0))
    }

    @Test("Added, identified and changed once each")
    func once() {
        var ledger = Ledger()
        #expect(ledger.update(a, .unread) == [])
        #expect(ledger.update(a, content(1)) == said(.added))
        #expect(ledger.update(a, content(1)) == [])
        #expect(ledger.update(a, content(1, true)) == said(.identified))
        #expect(ledger.update(a, content(1, true)) == [])
        #expect(ledger.update(a, content(2)) == said(.changed))
        #expect(ledger.update(a, content(2, true)) == said(.identified))
        #expect(ledger.update(b, content(2, true)) == said(.added, .identified))
    }

    @Test("Nothing is said of what was known before")
    func known() {
        var ledger = Ledger()
        ledger.know(a, content(1, true))
        ledger.know(b, content(2))
        #expect(ledger.update(a, content(1, true)) == [])
        #expect(ledger.update(b, content(2, true)) == said(.identified))
        #expect(ledger.update(a, content(3)) == said(.changed))
    }

    @Test("A move is one event, and takes along what was said")
    func moves() {
        var ledger = Ledger()
        ledger.know(a, content(1, true))
        #expect(ledger.update(b, content(1, true), movedFrom: a) == [Ledger.Announcement(kind: .moved, oldPath: a)])
        #expect(ledger.update(b, content(1, true), movedFrom: a) == [])
        check(!ledger.remove(a))
        check(ledger.remove(b))
    }

    @Test("A move from a place that was said to be gone is an arrival; from outside it is a move")
    func lateMoves() {
        var ledger = Ledger()
        ledger.know(a, content(1))
        check(ledger.remove(a))
        #expect(ledger.update(b, content(1), movedFrom: a) == said(.added))
        let outside = FilePath("/elsewhere/a")
        let isWatched: (FilePath) -> Bool = { $0 != outside }
        #expect(
            ledger.update(a, content(5), movedFrom: outside, isWatched: isWatched)
                == [Ledger.Announcement(kind: .moved, oldPath: outside)])
    }

    @Test("Another file that was renamed onto a known one")
    func replaced() {
        var ledger = Ledger()
        ledger.know(a, content(1))
        ledger.know(b, content(2))
        #expect(ledger.update(b, content(1), movedFrom: a) == [Ledger.Announcement(kind: .moved, oldPath: a)])
        check(!ledger.remove(a))
        check(ledger.remove(b))
    }

    @Test("A failure is said once for each state of the file")
    func failures() {
        var ledger = Ledger()
        #expect(ledger.update(a, failure(.corruptFile)) == said(.failed))
        #expect(ledger.update(a, failure(.corruptFile)) == [])
        #expect(ledger.update(a, failure(.corruptFile, 2)) == said(.failed))
        #expect(ledger.update(a, content(1)) == said(.added))
        #expect(ledger.update(a, failure(.unreadable)) == said(.failed))
        #expect(ledger.update(a, content(1)) == said(.changed))
    }

    @Test("What was never said to be there is not said to be gone")
    func removals() {
        var ledger = Ledger()
        check(!ledger.remove(a))
        _ = ledger.update(a, failure(.corruptFile))
        check(!ledger.remove(a))
        _ = ledger.update(a, content(1))
        check(ledger.remove(a))
        check(!ledger.remove(a))
        #expect(ledger.update(a, content(1)) == said(.added))
    }

    @Test("A burst is asked about when it pauses, and every two seconds while it lasts")
    func bursts() {
        let tenth: Int64 = 100_000_000
        var timer = BurstTimer()
        #expect(timer.due == nil)
        timer.arrive(now: 0)
        timer.arrive(now: tenth)
        #expect(timer.due == tenth + BurstTimer.pause)
        var now: Int64 = 0
        var rounds = 0
        timer = BurstTimer()
        // Ten seconds of an arrival every tenth of a second, then silence.
        for _ in 0..<100 {
            if let due = timer.due, due <= now {
                rounds += 1
                timer.asked(isComplete: true, now: now)
            }
            timer.arrive(now: now)
            now += tenth
        }
        if timer.due != nil { rounds += 1 }
        #expect(rounds <= 1 + 10 / 2)
        timer.asked(isComplete: true, now: now)
        #expect(timer.due == nil)
    }

    @Test("What was not answered is asked again later and later")
    func retries() {
        var timer = BurstTimer()
        var pauses: [Int64] = []
        var now: Int64 = 0
        for _ in 0..<8 {
            timer.asked(isComplete: false, now: now)
            let due = timer.due ?? now
            pauses.append((due - now) / 1_000_000_000)
            now = due
        }
        #expect(pauses == [30, 60, 120, 240, 480, 600, 600, 600])
        // What arrives meanwhile does not wait for that.
        timer.asked(isComplete: false, now: now)
        timer.arrive(now: now)
        #expect(timer.due == now + BurstTimer.pause)
    }
}
