internal import ShelfBase

/// One attempt at a download, from the first question to the finished file.
final class DownloadRun {
    let plan: DownloadPlan
    let folder: DownloadFolder
    private let transport: HTTPTransport
    /// One from then on when the place turns out to give no parts.
    private var connections: Int
    let cancellation: Cancellation
    private let deliver: ((DownloadProgress) -> Bool)?
    var progress = DownloadProgress()
    private static let slack: Int64 = 1 << 20
    private var lastDelivery: Int64 = 0
    var part: PartFile?
    var resumedFrom: Int64 = 0

    init(
        plan: DownloadPlan, folder: DownloadFolder, transport: HTTPTransport, connections: Int,
        cancellation: Cancellation, progress: ((DownloadProgress) -> Bool)?
    ) {
        self.plan = plan
        self.folder = folder
        self.transport = transport
        self.connections = min(connections, HTTPTransport.connectionsPerHost)
        self.cancellation = cancellation
        deliver = progress
    }

    func run() throws(ShelfError) -> DownloadResult {
        progress.total = plan.size
        try tick(force: true)
        if let name = plan.name.flatMap(SafeFileName.make), let sha256 = plan.sha256,
            case .there(let path) = try folder.place(name, sha256: sha256, key: plan.key)
        {
            return try wasThere(path, sha256)
        }
        if let (name, state) = folder.unfinished(plan) {
            try open(name: folder.path.appending(name), state.sha256)
            // Its writer may have finished it between the look at the folder and now.
            if let part, let sha256 = part.state.sha256,
                case .there(let path) = try folder.place(name.display, sha256: sha256, key: plan.key)
            {
                part.discard()
                return try wasThere(path, sha256)
            }
        }
        guard var machine = DownloadMachine(plan, state: part?.state, have: part?.count ?? 0) else {
            throw ShelfError(.usage, "there is nowhere to fetch the file from")
        }
        if let part, machine.have < part.count || (machine.have == 0 && machine.expected == nil && machine.tag == nil) {
            try part.restart()
        }
        resumedFrom = machine.have + Self.bytes(of: part?.islands)
        askForPieces(&machine)
        do throws(ShelfError) {
            return try follow(&machine)
        } catch {
            part?.save(isEnd: true)
            throw error
        }
    }

    /// Waits a little, with signs of life, for a process that has the same download.
    func waitForOthers() throws(ShelfError) {
        progress.phase = .waiting
        try pause(milliseconds: 300)
    }

    /// Where several connections share the work, or an earlier run left islands, the first answer is a piece as well.
    private func askForPieces(_ machine: inout DownloadMachine) {
        let islands = part?.islands ?? []
        let areWanted = (connections > 1 || !islands.isEmpty) && !machine.piecesLeadNowhere
        machine.pieces = areWanted ? islands : nil
    }

    private static func bytes(of islands: [Range<Int64>]?) -> Int64 {
        (islands ?? []).reduce(0) { $0 + ($1.upperBound - $1.lowerBound) }
    }

    // MARK: Following the machine

    private func follow(_ machine: inout DownloadMachine) throws(ShelfError) -> DownloadResult {
        var action = machine.start()
        var stream: HTTPStream?
        var ahead: [UInt8] = []
        while true {
            try cancellation.check()
            switch action {
            case .send(let request):
                // A redirect that tells the name: what is there already, or has no room, need not be asked for.
                if part == nil, machine.servedName != nil, let there = try choosePlace(machine) { return there }
                progress.phase = .asking
                try tick(force: true)
                let opened = try transport.stream(request)
                stream = opened
                (action, ahead) = try head(of: opened, &machine)
            case .wait(let milliseconds, let error):
                Log.write(.info, "\(error.message); again in \(milliseconds) ms")
                progress.phase = .waiting
                stream = nil
                try pause(milliseconds: milliseconds)
                askForPieces(&machine)
                action = machine.resume()
            case .take(let start):
                guard let opened = stream else { throw ShelfError(.internalError, "a body without an answer") }
                if part == nil, let there = try choosePlace(machine) { return there }
                action = try take(opened, ahead, from: start, &machine)
                stream = nil
            case .verify: action = try verify(&machine)
            case .finish(let isVerified): return try finish(isVerified)
            case .quarantine: throw try quarantine(machine)
            case .fail(let error): throw error
            }
        }
    }

    /// Reads the head of an answer and as much of its body as the machine wants to see.
    private func head(
        of stream: HTTPStream, _ machine: inout DownloadMachine
    ) throws(ShelfError) -> (DownloadMachine.Action, [UInt8]) {
        var response: HTTPResponse?
        var body: [UInt8] = []
        var failure: TransportFailure?
        var isAtEnd = false
        while !isAtEnd {
            switch try next(stream) {
            case .head(let head): response = head
            case .bytes(let bytes): body += bytes
            case .end: isAtEnd = true
            case .failed(let reason):
                failure = reason
                isAtEnd = true
            }
            guard let response else { continue }
            // A redirect is known by its head; of a file its opening is enough, of a refusal the words matter.
            let isFile = response.status == 200 || response.status == 206
            if Redirects.isRedirect(response.status) || body.count >= (isFile ? 512 : 1 << 16) { break }
        }
        guard let response else {
            let reason = failure ?? TransportFailure(.reset)
            return (machine.interrupted(reason, have: machine.have), [])
        }
        if let failure, body.isEmpty, response.status == 200 || response.status == 206 {
            return (machine.interrupted(failure, have: machine.have), [])
        }
        var head = DownloadHead(response, wallNow: Clock.wallMilliseconds())
        head.start = body.count > 1 << 16 ? Array(body.prefix(1 << 16)) : body
        Log.write(.debug, "download: \(response.status)")
        let action = machine.answered(head)
        pendingFailure = failure
        isBodyAtEnd = isAtEnd
        return (action, body)
    }

    private var pendingFailure: TransportFailure?
    private var isBodyAtEnd = false

    /// Writes a body as it comes.
    private func take(
        _ stream: HTTPStream, _ ahead: [UInt8], from start: Int64, _ machine: inout DownloadMachine
    ) throws(ShelfError) -> DownloadMachine.Action {
        guard let part else { throw ShelfError(.internalError, "a body without a file") }
        if start == 0, part.count > 0 || (machine.pieces ?? []) != part.islands {
            try part.restart()
            resumedFrom = 0
        }
        if let total = machine.total { try folder.checkSpace(for: total - part.count - Self.bytes(of: part.islands)) }
        part.note(total: machine.total, tag: machine.tag, sha256: machine.expected)
        progress.phase = .downloading
        progress.total = machine.total ?? plan.size
        try write(ahead, part)
        if let action = try takeParts(stream, from: start, part, &machine) { return action }
        var failure = pendingFailure
        var isAtEnd = isBodyAtEnd
        while !isAtEnd {
            guard !cancellation.isCancelled else {
                // What has arrived is kept: it need not be fetched again.
                while case .bytes(let bytes) = stream.next(milliseconds: 0) { try part.append(bytes) }
                throw ShelfError(.cancelled, "cancelled")
            }
            switch stream.next(milliseconds: 100) {
            case .bytes(let bytes): try write(bytes, part)
            case .end: isAtEnd = true
            case .failed(let reason):
                failure = reason
                isAtEnd = true
            case .head, nil: try tick()
            }
        }
        part.save()
        if let failure { return machine.interrupted(failure, have: part.count) }
        return machine.ended(have: part.count)
    }

    /// The same over several connections, where that is wanted and worth it; nil where it is not.
    private func takeParts(
        _ stream: HTTPStream, from start: Int64, _ part: PartFile, _ machine: inout DownloadMachine
    ) throws(ShelfError) -> DownloadMachine.Action? {
        guard machine.givesRanges, let total = machine.total, let islands = machine.pieces else { return nil }
        guard !islands.isEmpty || total - part.count > ParallelFetch.pieceSize else { return nil }
        if isBodyAtEnd, pendingFailure != nil { return nil }
        let (transport, asking) = (self.transport, machine)
        let fetch = ParallelFetch(
            part, total: total, connections: connections, first: stream,
            firstEnd: isBodyAtEnd ? part.count : ParallelFetch.end(of: start, total: total, islands),
            open: { (range) throws(ShelfError) in try transport.stream(asking.request(for: range)) },
            tick: { [self] () throws(ShelfError) in
                try cancellation.check()
                progress.bytes = part.count
                try tick()
            })
        let failure = try fetch.run()
        if let failure {
            connections = 1
            machine.pieces = nil
            return machine.interrupted(failure, have: part.count)
        }
        return machine.ended(have: part.count)
    }

    private func write(_ bytes: [UInt8], _ part: PartFile) throws(ShelfError) {
        // Where the answer does not tell its length, the record bounds it: a server may send for ever.
        if progress.total == plan.size, let size = plan.size, (part.count - Self.slack) / 2 > size {
            try part.restart()
            throw DownloadErrors.endless(size, host: plan.sources.first?.url.origin.host ?? "the service")
        }
        try part.append(bytes)
        progress.bytes = part.count
        try tick()
    }

    /// The next event of a stream, with signs of life while there is none.
    private func next(_ stream: HTTPStream) throws(ShelfError) -> HTTPStream.Event {
        while true {
            if let event = stream.next(milliseconds: 100) { return event }
            try cancellation.check()
            try tick()
        }
    }

    // MARK: Signs of life

    private func pause(milliseconds: Int64) throws(ShelfError) {
        let end = Clock.monotonicMilliseconds() + milliseconds
        while true {
            try cancellation.check()
            try tick()
            let left = end - Clock.monotonicMilliseconds()
            guard left > 0 else { return }
            Clock.sleep(milliseconds: min(left, 50))
        }
    }

    func tick(force: Bool = false) throws(ShelfError) {
        guard let deliver else { return }
        let now = Clock.monotonicMilliseconds()
        guard force || now - lastDelivery >= 100 else { return }
        lastDelivery = now
        guard deliver(progress) else {
            cancellation.cancel()
            throw ShelfError(.cancelled, "cancelled")
        }
    }
}
