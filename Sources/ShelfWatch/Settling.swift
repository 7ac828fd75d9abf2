internal import ShelfBase

/// Decides when a file's writer is done. Times are arguments (nanoseconds of one clock), files are told as ``Look``s.
///
/// A file that tells its own size is ready as soon as it is complete and its writer has closed it. Any other is ready
/// when it was closed, or only seen, and then stayed the same for the settling time. What is being written waits.
struct Settling {
    /// What was noticed of a file.
    enum Sign: Equatable {
        /// The name appeared; a close follows if somebody writes it.
        case created
        /// Somebody who had it open for writing closed it.
        case closed
        /// It was put there under its name at once; `wasSettled` when it is a known file under a new name.
        case movedIn(wasSettled: Bool)
        /// Found by listing the folder: nothing is known of a writer.
        case seen
        /// What marked it as unfinished is gone.
        case released
    }

    enum Verdict: Equatable {
        case wait
        case ready(FileStamp)
        case dropped
    }

    struct Times {
        /// For how long a file must stay the same whose format does not tell its size.
        var settle: Int64 = 2_000_000_000
        /// The same for raw pickles.
        var settlePickle: Int64 = 10_000_000_000
    }

    private struct Candidate {
        var sign: Sign
        /// Nil before the first look.
        var stamp: FileStamp?
        /// When the file was last noticed to be another than before.
        var since: Int64
        /// When to look; nil to wait for a sign.
        var due: Int64?
        /// The pause before the look after that.
        var pause: Int64 = 0
    }

    let times: Times
    private var candidates: [FilePath: Candidate] = [:]
    /// Sizes of files that were reported ready and not yet dealt with.
    private var inFlight: [FilePath: Int64] = [:]

    /// Created files are looked at after this long even without a close: a second name of a file is never closed.
    private static let linkDelay: Int64 = 200_000_000
    private static let longestPause: Int64 = 60_000_000_000
    /// For how long a file that stays the same may still be coming in.
    private static let attention: Int64 = 30_000_000_000
    /// A file that somebody keeps open for writing is believed after this long without a change.
    private static let patience: Int64 = 600_000_000_000

    init(_ times: Times = Times()) { self.times = times }

    var isEmpty: Bool { candidates.isEmpty }

    /// Whether a file is being dealt with, or has shown signs of a writer lately: one that was left half written does not
    /// count for ever.
    func isBusy(now: Int64) -> Bool {
        !inFlight.isEmpty || candidates.values.contains { now - $0.since < Self.attention }
    }

    func isPending(_ path: FilePath) -> Bool { candidates[path] != nil || inFlight[path] != nil }

    /// Whether a file of this size is on its way in: it may be what has just gone from elsewhere.
    func awaits(size: Int64) -> Bool {
        candidates.values.contains { $0.stamp?.size == size } || inFlight.values.contains(size)
    }

    mutating func note(_ path: FilePath, _ sign: Sign, now: Int64) {
        guard var candidate = candidates[path] else {
            let due = sign == .created ? now + Self.linkDelay : now
            candidates[path] = Candidate(sign: sign, since: now, due: due)
            return
        }
        switch sign {
        case .seen, .released:
            // What is known of the writer counts more than a name in a listing.
            candidate.due = min(candidate.due ?? now, now)
        case .created:
            // Whatever was there before is another file now.
            candidate = Candidate(sign: sign, since: now, due: now + Self.linkDelay)
        case .closed, .movedIn:
            candidate.sign = sign
            candidate.since = now
            candidate.due = now
        }
        candidate.pause = 0
        candidates[path] = candidate
    }

    /// The file went away, or its folder is no longer watched.
    mutating func forget(_ path: FilePath) { candidates[path] = nil }

    mutating func forget(below folder: FilePath) {
        for path in candidates.keys where path.relative(to: folder) != nil { candidates[path] = nil }
    }

    /// The paths of candidates below a folder, for a folder that got another name.
    func paths(below folder: FilePath) -> [FilePath] {
        candidates.keys.filter { $0.relative(to: folder) != nil }
    }

    /// A file that still had its writer got another name.
    mutating func rename(_ path: FilePath, to other: FilePath, now: Int64) {
        guard var candidate = candidates.removeValue(forKey: path) else { return }
        candidate.due = now
        candidate.pause = 0
        candidates[other] = candidate
    }

    /// What was reported ready has been dealt with; until then the path is not reported again.
    mutating func finished(_ path: FilePath) { inFlight[path] = nil }

    /// Files to look at now.
    func due(now: Int64, limit: Int = .max) -> [FilePath] {
        var paths: [FilePath] = []
        for (path, candidate) in candidates where paths.count < limit {
            guard let due = candidate.due, due <= now, inFlight[path] == nil else { continue }
            paths.append(path)
        }
        return paths
    }

    /// When ``due(now:limit:)`` will next have something; nil when only signs can bring that.
    var nextDeadline: Int64? {
        var next: Int64?
        for (path, candidate) in candidates where inFlight[path] == nil {
            guard let due = candidate.due else { continue }
            next = min(next ?? due, due)
        }
        return next
    }

    mutating func looked(at path: FilePath, _ look: Look, now: Int64) -> Verdict {
        guard var candidate = candidates[path] else { return .wait }
        switch look {
        case .gone:
            candidates[path] = nil
            return .dropped
        case .unfinished:
            // The end of the control file is a sign; the pause is for folders that give none.
            wait(&candidate, now)
            candidates[path] = candidate
            return .wait
        case .file(let facts):
            if let before = candidate.stamp, before != facts.stamp {
                candidate.since = now
                candidate.pause = 0
            }
            candidate.stamp = facts.stamp
            switch remaining(candidate, facts, now) {
            case .some(let left) where left <= 0:
                candidates[path] = nil
                inFlight[path] = facts.stamp.size
                return .ready(facts.stamp)
            case .some(let left): candidate.due = now + left
            case nil: wait(&candidate, now)
            }
            candidates[path] = candidate
            return .wait
        }
    }

    private func wait(_ candidate: inout Candidate, _ now: Int64) {
        candidate.pause = min(max(times.settle, candidate.pause * 2), Self.longestPause)
        candidate.due = now + candidate.pause
    }

    /// How long the file must go on staying the same; nil when only its writer can make it ready.
    private func remaining(_ candidate: Candidate, _ facts: Look.Facts, _ now: Int64) -> Int64? {
        guard facts.extent != .incomplete else { return nil }
        let quiet = max(now - candidate.since, facts.age ?? 0)
        if facts.isBeingWritten == true {
            return facts.hasHoles || candidate.sign == .created || quiet < Self.patience ? nil : 0
        }
        // Created and neither closed nor surely without a writer.
        if candidate.sign == .created, facts.isBeingWritten == nil { return nil }
        return needed(candidate.sign, facts) - quiet
    }

    /// For how long a file without a known writer must have stayed the same.
    private func needed(_ sign: Sign, _ facts: Look.Facts) -> Int64 {
        if sign == .movedIn(wasSettled: true) { return 0 }
        switch facts.extent {
        case .whole where !facts.hasHoles:
            if facts.isBeingWritten == false || sign == .closed { return 0 }
            if case .movedIn = sign { return 0 }
            return times.settle
        case .pickle:
            // A rename puts a finished file there; its name alone says nothing of pauses.
            if case .movedIn = sign { return times.settle }
            return times.settlePickle
        default: return times.settle
        }
    }
}
