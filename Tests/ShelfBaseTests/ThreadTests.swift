import Glibc
import ShelfBase
import ShelfTestSupport
import Testing

@Suite struct MailboxTests {
    @Test func messagesComeInTheirOrder() {
        let mailbox = Mailbox<Int>()
        for number in 1...3 { mailbox.post(number) }
        #expect(mailbox.receive(milliseconds: 0) == 1)
        #expect(mailbox.receiveAll(milliseconds: -1) == [2, 3])
        #expect(mailbox.receive(milliseconds: 0) == nil)
        #expect(mailbox.receiveAll(milliseconds: 1).isEmpty)
    }

    @Test func aMessageThatIsThereIsGivenWhateverTheLimit() {
        let mailbox = Mailbox<Int>()
        mailbox.post(1)
        #expect(mailbox.receive(milliseconds: .max) == 1)
    }

    @Test func closingWakesAndGivesWhatIsLeft() {
        let mailbox = Mailbox<Int>()
        let received = Locked<[Int?]>([])
        let threads = (0..<3).compactMap { _ in
            ThreadHandle.start {
                let message = mailbox.receive(milliseconds: -1)
                received.withLock { $0.append(message) }
            }
        }
        mailbox.post(7)
        mailbox.close()
        for thread in threads { thread.join() }
        #expect(received.withLock { $0.compactMap { $0 } } == [7])
        #expect(received.withLock { $0.count } == threads.count)
        mailbox.post(8)
        #expect(mailbox.receive(milliseconds: -1) == 8)
        #expect(mailbox.receive(milliseconds: -1) == nil)
    }

    @Test func manyPostersLoseNothing() {
        let mailbox = Mailbox<Int>()
        let threads = (0..<4).compactMap { poster in
            ThreadHandle.start { for number in 0..<1000 { mailbox.post(poster * 1000 + number) } }
        }
        var received: [Int] = []
        while received.count < threads.count * 1000 { received += mailbox.receiveAll(milliseconds: -1) }
        for thread in threads { thread.join() }
        #expect(Set(received).count == threads.count * 1000)
        for poster in threads.indices {
            let own = received.filter { $0 / 1000 == poster }
            #expect(own == own.sorted())
        }
    }
}

@Suite struct WorkerPoolTests {
    @Test func finishWaitsForEverything() {
        let pool = WorkerPool(threads: 3)
        #expect(pool.count == 3)
        let done = Locked(0)
        for _ in 0..<500 { pool.submit { done.withLock { $0 += 1 } } }
        pool.finish()
        #expect(done.withLock { $0 } == 500)
    }

    @Test func thereIsAlwaysAThread() {
        let pool = WorkerPool(threads: 0)
        #expect(pool.count == 1)
        pool.finish()
        #expect(WorkerPool.processorCount >= 1)
    }

    @Test func jobsRunElsewhereWithSignalsBlocked() {
        var before = sigset_t()
        pthread_sigmask(SIG_SETMASK, nil, &before)
        let pool = WorkerPool(threads: 1)
        let caller = pthread_self()
        let seen = Locked<(other: Bool, blocked: Bool)>((false, false))
        pool.submit {
            var mask = sigset_t()
            pthread_sigmask(SIG_SETMASK, nil, &mask)
            let (other, blocked) = (pthread_self() != caller, sigismember(&mask, SIGINT) == 1)
            seen.withLock { $0 = (other, blocked) }
        }
        pool.finish()
        #expect(seen.withLock { $0 } == (true, true))
        var after = sigset_t()
        pthread_sigmask(SIG_SETMASK, nil, &after)
        for signal in 1..<32 { #expect(sigismember(&after, Int32(signal)) == sigismember(&before, Int32(signal))) }
    }
}

@Suite struct CancellationTests {
    @Test func onceSetItStays() {
        let cancellation = Cancellation()
        #expect(failure { () throws(ShelfError) in try cancellation.check() } == nil)
        cancellation.cancel()
        cancellation.cancel()
        #expect(cancellation.isCancelled)
        #expect(failure { () throws(ShelfError) in try cancellation.check() }?.code == .cancelled)
    }

    @Test func lockedValuesCountRight() {
        let total = Locked(0)
        let threads = (0..<4).compactMap { _ in
            ThreadHandle.start { for _ in 0..<5000 { total.withLock { $0 += 1 } } }
        }
        for thread in threads { thread.join() }
        #expect(total.withLock { $0 } == threads.count * 5000)
    }

    @Test func clocksGoForward() {
        let (wall, steady) = (Clock.wallMilliseconds(), Clock.monotonicNanoseconds())
        Clock.sleep(milliseconds: 2)
        Clock.sleep(milliseconds: -1)
        #expect(Clock.monotonicNanoseconds() - steady >= 2_000_000)
        #expect(abs(Clock.wallNanoseconds() / 1_000_000 - wall) < 86_400_000)
    }
}
