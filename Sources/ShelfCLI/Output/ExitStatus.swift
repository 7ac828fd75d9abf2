internal import ShelfBase

/// How one thing that the command was to do turned out.
enum Outcome: Sendable, Equatable {
    case done
    /// A thing that the line named failed.
    case failed(ErrorCode)
    /// A thing that the command came upon by itself failed.
    case itemFailed(ErrorCode)
    /// The whole command ended with this.
    case ended(ErrorCode)
}

/// What the process answers with.
enum ExitStatus {
    static let done: Int32 = 0
    static let someFailed: Int32 = 1
    static let usage: Int32 = 2
    static let notFound: Int32 = 3
    static let network: Int32 = 4
    static let store: Int32 = 5
    static let cancelled: Int32 = 130
    /// The reader of the output went away, as `head` does: what a shell shows for SIGPIPE.
    static let outputClosed: Int32 = 141

    /// When several apply, the first of these is the answer.
    private static let precedence = [cancelled, store, usage, network, notFound, someFailed]

    /// The status of all outcomes together.
    static func exitStatus(of outcomes: [Outcome]) -> Int32 {
        let statuses = Set(outcomes.map(status))
        // "Nothing found" is for when nothing was: beside something done it is one failure among others.
        let found = outcomes.contains(.done) && !outcomes.contains { if case .ended = $0 { true } else { false } }
        let status = precedence.first { statuses.contains($0) } ?? done
        return status == notFound && found ? someFailed : status
    }

    private static func status(_ outcome: Outcome) -> Int32 {
        switch outcome {
        case .done: return done
        case .failed(let code), .ended(let code): return code.row.exitStatus
        case .itemFailed(let code):
            let status = code.row.exitStatus
            return status == cancelled || status == store ? status : someFailed
        }
    }
}
