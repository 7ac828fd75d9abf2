import ShelfBase
import Testing

@testable import ShelfHashing

/// What threads do side by side, played through in every order that a seed picks.
struct BlockScheduleTests {
    private struct Play {
        var taken: [Int] = []
        var shared: [Int] = []
        var mostReaders = 0
    }

    /// So many imaginary threads: each step goes to one of them, which ends what it is at or asks for something to do.
    private func play(
        blocks: Int, buffers: Int, readers: Int, threads: Int, shares: Bool, seed: UInt64
    ) throws -> Play {
        var schedule = BlockSchedule(blocks: blocks, buffers: buffers, mostReaders: readers)
        var random = Seeded(seed)
        var play = Play()
        var atWork: [BlockSchedule.Step?] = Array(repeating: nil, count: threads)
        /// What lies in each buffer that somebody needs, how many need it, and which are being filled.
        var content: [Int: Int] = [:]
        var users: [Int: Int] = [:]
        var isFilling: Set<Int> = []
        for _ in 0..<100_000 {
            let thread = Int.random(in: 0..<threads, using: &random)
            switch atWork[thread] {
            case nil:
                let step = schedule.next()
                atWork[thread] = step
                switch step {
                case .read(let block, let buffer):
                    #expect(content[buffer] == nil && isFilling.insert(buffer).inserted)
                    content[buffer] = block
                    users[buffer] = 1
                    play.mostReaders = max(play.mostReaders, isFilling.count)
                case .take(let block):
                    #expect(content[block.buffer] == block.number && !isFilling.contains(block.buffer))
                    play.taken.append(block.number)
                    guard shares else { break }
                    users[block.buffer, default: 0] += 1
                    schedule.owe(TensorShare(SHA256Feeds(), buffer: block.buffer))
                case .tensors(let share): play.shared.append(try #require(content[share.buffer]))
                case .end: if atWork.allSatisfy({ if case .end? = $0 { true } else { false } }) { return play }
                case nil: break
                }
            case .read(let block, let buffer):
                isFilling.remove(buffer)
                let nothing = BlockDigests(UnsafeRawBufferPointer(start: nil, count: 0), at: 0, [])
                schedule.didRead(.init(number: block, buffer: buffer, digests: nothing))
                atWork[thread] = nil
            case .take(let block):
                schedule.didTake(block)
                users[block.buffer, default: 0] -= 1
                atWork[thread] = nil
            case .tensors(let share):
                schedule.didTensors(share)
                users[share.buffer, default: 0] -= 1
                atWork[thread] = nil
            case .end: break
            }
            for buffer in content.keys where users[buffer] == 0 { content[buffer] = nil }
        }
        Issue.record("it does not end")
        return play
    }

    @Test(arguments: [1, 2, 3, 7]) func everyBlockOnceAndInOrder(threads: Int) throws {
        for seed in 0..<30 as Range<UInt64> {
            for (buffers, readers) in [(1, 1), (2, 1), (2, 9), (8, 2), (18, 9)] {
                for shares in [false, true] {
                    let blocks = Int(seed)
                    let play = try play(
                        blocks: blocks, buffers: buffers, readers: readers, threads: threads, shares: shares, seed: seed
                    )
                    #expect(play.taken == Array(0..<blocks))
                    #expect(play.shared == (shares ? Array(0..<blocks) : []))
                    #expect(play.mostReaders <= readers)
                }
            }
        }
    }

    @Test func afterAStopThereIsNothingToDo() {
        var schedule = BlockSchedule(blocks: 5, buffers: 3, mostReaders: 2)
        guard case .read? = schedule.next() else { Issue.record("it does not begin"); return }
        schedule.stop()
        guard case .end? = schedule.next() else { Issue.record("it goes on"); return }
    }
}

private struct Seeded: RandomNumberGenerator {
    private var state: UInt64

    init(_ seed: UInt64) { state = seed }

    /// SplitMix64, of Steele, Lea and Flood (2014).
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
