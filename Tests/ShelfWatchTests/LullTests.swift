import ShelfBase
import Testing

@testable import ModelShelf

/// When a watch has nothing to do.
struct LullTests {
    @Test("A lull begins when everybody is done and ends for good when somebody begins")
    func turns() throws {
        let lull = Lull(after: 10, Cancellation())
        lull.set(.asker, isBusy: true)
        lull.set(.detector, isBusy: false)
        lull.set(.asker, isBusy: false)
        let first = try #require(lull.begin())
        #expect(!first.isCancelled)
        // The next file of the same lull.
        #expect(lull.begin() === first)
        lull.set(.asker, isBusy: true)
        #expect(first.isCancelled)
        lull.set(.asker, isBusy: false)
        let second = try #require(lull.begin())
        #expect(second !== first && !second.isCancelled)
    }

    @Test("Nothing begins before the detector has looked around, nor too early after the last work")
    func waits() throws {
        let watch = Cancellation()
        let lull = Lull(after: 50, watch)
        let began = Locked<Int64?>(nil)
        let thread = try #require(
            ThreadHandle.start {
                guard lull.begin() != nil else { return }
                began.withLock { $0 = Clock.monotonicNanoseconds() }
            })
        Clock.sleep(milliseconds: 200)
        #expect(began.withLock { $0 } == nil)
        let looked = Clock.monotonicNanoseconds()
        lull.set(.detector, isBusy: false)
        thread.join()
        #expect(try #require(began.withLock { $0 }) >= looked + 50_000_000)
    }

    @Test("The end of the watch ends the waiting and what was begun")
    func end() throws {
        let watch = Cancellation()
        let lull = Lull(after: 0, watch)
        lull.set(.detector, isBusy: false)
        let turn = try #require(lull.begin())
        lull.set(.detector, isBusy: true)
        let thread = try #require(ThreadHandle.start { while lull.begin() != nil {} })
        watch.cancel()
        lull.close()
        thread.join()
        #expect(turn.isCancelled)
        #expect(lull.begin() == nil)
    }
}
