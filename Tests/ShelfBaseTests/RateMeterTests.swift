import ShelfBase
import Testing

@Suite struct RateMeterTests {
    private static let second: Int64 = 1_000_000_000

    @Test func nothingIsSaidTooEarly() {
        var meter = RateMeter()
        #expect(meter.rate(bytes: 0, now: 0) == 0)
        #expect(meter.rate(bytes: 50, now: 50_000_000) == 0)
        #expect(abs(meter.rate(bytes: 1000, now: Self.second) - 1000) < 0.001)
        #expect(RateMeter.secondsLeft(10, of: 20, rate: 0) == nil)
        #expect(RateMeter.secondsLeft(10, of: 20, rate: 5) == 2)
        #expect(RateMeter.secondsLeft(30, of: 20, rate: 5) == 0)
    }

    /// Work that comes in lumps, as blocks and files do, gives a rate near the truth from the first seconds on.
    @Test func lumpsDoNotShow() {
        var meter = RateMeter()
        for tick in 0...600 {
            let now = Int64(tick) * Self.second / 10
            let rate = meter.rate(bytes: Int64(tick / 5) * 500, now: now)
            if tick > 30 { #expect(abs(rate - 1000) < 250, "\(tick)") }
        }
    }

    /// A new speed is reached without a jump: no step is larger than what the time that passed accounts for.
    @Test func aNewSpeedIsReachedSteadily() {
        var meter = RateMeter()
        var done: Int64 = 0
        var before = 0.0
        for tick in 0...600 {
            done += tick < 300 ? 100 : 1000
            let rate = meter.rate(bytes: done, now: Int64(tick) * Self.second / 10)
            if tick > 10 { #expect(abs(rate - before) <= 0.02 * 9000 + 1, "\(tick)") }
            before = rate
        }
        #expect(abs(before - 10_000) < 100)
    }

    @Test func bytesThatAreTakenBackCountAsNone() {
        var meter = RateMeter()
        _ = meter.rate(bytes: 500, now: 0)
        #expect(meter.rate(bytes: 100, now: Self.second) == 0)
        #expect(abs(meter.rate(bytes: 2100, now: 2 * Self.second) - 1000) < 200)
    }

    @Test func whatIsShownDoesNotGoBackwards() {
        var meter = RateMeter()
        for (index, done) in [0, 500, 100, 400, 700].enumerated() {
            _ = meter.rate(bytes: Int64(done), now: Int64(index) * Self.second)
            #expect(meter.most == [0, 500, 500, 500, 700][index])
        }
    }
}
