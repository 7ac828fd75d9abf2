public import ShelfBase
internal import ShelfHashing

/// Fetches files: resumed, verified while they are written, and never under a model's name before they are whole.
///
/// Every call blocks; any thread may call, several at once. What decides is ``DownloadMachine``; this is its hands.
public final class Downloader: Sendable {
    private let transport: HTTPTransport
    private let knownDigest: @Sendable (FilePath) -> String?

    /// - Parameter knownDigest: the SHA-256 (lower case) of a file that is known without reading it.
    public init(client: CivitaiClient, knownDigest: @escaping @Sendable (FilePath) -> String? = { _ in nil }) {
        transport = client.sender.transport
        self.knownDigest = knownDigest
    }

    /// Fetches what the plan says into a folder, which is made if it is not there.
    ///
    /// `progress` runs on this thread about ten times a second and may answer false to stop. A stopped or failed
    /// download leaves its bytes; the same call goes on with them.
    public func download(
        _ plan: DownloadPlan, to folder: FilePath, connections: Int = 1, cancellation: Cancellation = Cancellation(),
        progress: ((DownloadProgress) -> Bool)? = nil
    ) throws(ShelfError) -> DownloadResult {
        try Paths.createFolder(folder)
        let place = DownloadFolder(path: folder, cancellation: cancellation, knownDigest: knownDigest)
        while true {
            let run = DownloadRun(
                plan: plan, folder: place, transport: transport, connections: connections, cancellation: cancellation,
                progress: progress)
            do throws(ShelfError) {
                return try run.run()
            } catch {
                // Somebody else fetches it: when that is done it is there.
                guard error.code == .storeBusy else { throw error }
                try run.waitForOthers()
            }
        }
    }
}

/// One attempt at a download, from the first question to the finished file.
private final class DownloadRun {
    private let plan: DownloadPlan
    private let folder: DownloadFolder
    private let transport: HTTPTransport
    /// One from then on when the place turns out to give no parts.
    private var connections: Int
    private let cancellation: Cancellation
    private let deliver: ((DownloadProgress) -> Bool)?
    private var progress = DownloadProgress()
    private var lastDelivery: Int64 = 0
    private var part: PartFile?
    private var resumedFrom: Int64 = 0

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
        resumedFrom = machine.have
        if let part, machine.have < part.count { try part.restart() }
        do throws(ShelfError) {
            return try follow(&machine)
        } catch {
            part?.save()
            throw error
        }
    }

    /// Waits a little, with signs of life, for a process that has the same download.
    func waitForOthers() throws(ShelfError) {
        progress.phase = .waiting
        try pause(milliseconds: 300)
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
        if start == 0, part.count > 0 {
            try part.restart()
            resumedFrom = 0
        }
        if let total = machine.total { try folder.checkSpace(for: total - part.count) }
        part.note(total: machine.total, tag: machine.tag, sha256: machine.expected)
        progress.phase = .downloading
        progress.total = machine.total ?? plan.size
        try write(ahead, part)
        if let action = try takeParts(stream, part, &machine) { return action }
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
        _ stream: HTTPStream, _ part: PartFile, _ machine: inout DownloadMachine
    ) throws(ShelfError) -> DownloadMachine.Action? {
        guard connections > 1, machine.givesRanges, !isBodyAtEnd, let total = machine.total,
            total - part.count > ParallelFetch.pieceSize
        else { return nil }
        let (transport, asking) = (self.transport, machine)
        let fetch = ParallelFetch(
            part, total: total, connections: connections, first: stream,
            open: { (range) throws(ShelfError) in try transport.stream(asking.request(for: range)) },
            tick: { [self] () throws(ShelfError) in
                try cancellation.check()
                progress.bytes = part.count
                try tick()
            })
        let failure = try fetch.run()
        if let failure {
            connections = 1
            return machine.interrupted(failure, have: part.count)
        }
        return machine.ended(have: part.count)
    }

    private func write(_ bytes: [UInt8], _ part: PartFile) throws(ShelfError) {
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

    // MARK: The file

    private func open(name target: FilePath, _ sha256: String?) throws(ShelfError) {
        let state = DownloadState(key: plan.key, name: target.lastComponent.display, sha256: plan.sha256 ?? sha256)
        let opened = try PartFile(target: target, state: state)
        progress.phase = .verifying
        progress.name = target.lastComponent
        try tick(force: true)
        _ = try opened.takeUp(cancellation: cancellation)
        progress.bytes = opened.count
        part = opened
        if opened.hashedAgain > 0 { Log.write(.debug, "\(opened.hashedAgain) bytes hashed again") }
    }

    /// Gives the file its name; the result when it turns out to be there.
    private func choosePlace(_ machine: DownloadMachine) throws(ShelfError) -> DownloadResult? {
        let names = [machine.servedName, plan.name, machine.source.url.path]
        let name = names.lazy.compactMap { $0.flatMap(SafeFileName.make) }.first ?? "download"
        switch try folder.place(name, sha256: machine.expected, key: plan.key) {
        case .there(let path): return try wasThere(path, machine.expected ?? "")
        case .free(let path):
            // Checked before anything is made, so that a full disk is left as it was.
            if let total = machine.total ?? plan.size { try folder.checkSpace(for: total) }
            try open(name: path, machine.expected)
            return nil
        }
    }

    private func verify(_ machine: inout DownloadMachine) throws(ShelfError) -> DownloadMachine.Action {
        guard let part else { throw ShelfError(.internalError, "nothing to verify") }
        progress.phase = .verifying
        try tick(force: true)
        guard let expected = machine.expected else { return machine.verified(nil) }
        let matches = part.sha256 == expected
        let action = machine.verified(matches)
        if !matches, case .send = action {
            Log.write(
                .warning, "\(part.target.display): the bytes are not those that were published; again from the start")
            try part.restart()
            resumedFrom = 0
        }
        return action
    }

    private func finish(_ isVerified: Bool) throws(ShelfError) -> DownloadResult {
        guard let part else { throw ShelfError(.internalError, "nothing to finish") }
        let sha256 = part.sha256
        let place = try folder.place(part.target.lastComponent.display, sha256: sha256, key: plan.key)
        if case .there(let path) = place {
            part.discard()
            return try wasThere(path, sha256, isVerified: isVerified)
        }
        do throws(ShelfError) {
            try part.publish()
        } catch {
            // Another file took the name while this one was on its way: it moves to the next free one.
            guard error.code == .fileChanged,
                case .free(let path) = try folder.place(part.target.lastComponent.display, sha256: nil, key: plan.key)
            else { throw error }
            try part.publish(as: path)
            return result(path, isVerified, sha256)
        }
        return result(part.target, isVerified, sha256)
    }

    private func result(_ path: FilePath, _ isVerified: Bool, _ sha256: String) -> DownloadResult {
        progress.phase = .done
        try? tick(force: true)
        return DownloadResult(
            path: path, bytes: part?.count ?? 0, resumedFrom: resumedFrom, sha256: sha256, isVerified: isVerified,
            wasThere: false)
    }

    private func wasThere(
        _ path: FilePath, _ sha256: String, isVerified: Bool = true
    ) throws(ShelfError) -> DownloadResult {
        guard case .success(let identity) = FileIdentity.of(path) else {
            throw ShelfError(.fileChanged, "the file vanished while it was looked at", path: path)
        }
        progress.phase = .done
        progress.bytes = identity.size
        progress.total = identity.size
        try tick(force: true)
        return DownloadResult(
            path: path, bytes: identity.size, resumedFrom: 0, sha256: sha256, isVerified: isVerified, wasThere: true)
    }

    private func quarantine(_ machine: DownloadMachine) throws(ShelfError) -> ShelfError {
        guard let part else { return ShelfError(.internalError, "nothing to put aside") }
        var error = DownloadErrors.mismatch(expected: machine.expected ?? "", found: part.sha256)
        error.path = part.quarantine()
        self.part = nil
        return error
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

    private func tick(force: Bool = false) throws(ShelfError) {
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

extension PartFile {
    func append(_ bytes: [UInt8]) throws(ShelfError) {
        try bytes.withUnsafeBufferPointer { (buffer) throws(ShelfError) -> Void in
            try append(UnsafeRawBufferPointer(buffer))
        }
    }
}
