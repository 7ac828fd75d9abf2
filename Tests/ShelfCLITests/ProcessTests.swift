import Glibc
import ShelfBase
import Testing

@testable import ShelfCLI

/// A child process of the built program, with pipes to its three streams.
private struct Child {
    let id: pid_t
    let input: Int32
    let output: Int32
    let messages: Int32

    init(_ words: [FilePath]) throws {
        let input = try Self.pipe()
        let output = try Self.pipe()
        let messages = try Self.pipe()
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, input.reader, 0)
        posix_spawn_file_actions_adddup2(&actions, output.writer, 1)
        posix_spawn_file_actions_adddup2(&actions, messages.writer, 2)
        let program = try Self.folder().appending("modelshelf")
        var arguments = ([program] + words).map { word in word.withCString { strdup($0) } }
        defer { for argument in arguments { free(argument) } }
        arguments.append(nil)
        var id = pid_t()
        let status = program.withCString { posix_spawn(&id, $0, &actions, nil, arguments, environ) }
        for end in [input.reader, output.writer, messages.writer] { close(end) }
        try #require(status == 0, "\(program) cannot be started")
        self.id = id
        self.input = input.writer
        self.output = output.reader
        self.messages = messages.reader
    }

    /// Where the tests are built, and the program beside them.
    static func folder() throws -> FilePath {
        try #require(Paths.resolved(FilePath("/proc/self/exe"))).parent
    }

    /// Close-on-exec, so that no other child that is started meanwhile keeps an end open.
    private static func pipe() throws -> (reader: Int32, writer: Int32) {
        var ends: [Int32] = [0, 0]
        try #require(Glibc.pipe(&ends) == 0)
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        return (ends[0], ends[1])
    }

    func read(_ descriptor: Int32) throws -> String {
        defer { close(descriptor) }
        let bytes = try SystemTerminal(input: descriptor).readInput(limit: 1 << 20)
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The exit status, or the negative number of the signal that ended it.
    func wait() -> Int32 {
        var status: Int32 = 0
        while waitpid(id, &status, 0) < 0, errno == EINTR {}
        return status & 0x7f == 0 ? status >> 8 & 0xff : -(status & 0x7f)
    }

    /// Whether it has taken over SIGINT, as the kernel tells.
    var hasBlockedInterrupt: Bool {
        let descriptor = open("/proc/\(id)/status", O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0, let text = try? read(descriptor) else { return false }
        let mask = text.split(separator: "\n").first { $0.hasPrefix("SigBlk:") }?.split(separator: "\t").last
        return mask.flatMap { UInt64($0, radix: 16) }.map { $0 >> UInt64(SIGINT - 1) & 1 == 1 } ?? false
    }
}

/// The built program as a process: raw words, closed pipes and signals.
struct ProcessTests {
    @Test("Words are taken as bytes, and shown without harm")
    func words() throws {
        let child = try Child([FilePath("help"), FilePath(bytes: [0xff, 0x1b])])
        close(child.input)
        #expect(try child.read(child.output).isEmpty)
        #expect(try child.read(child.messages).hasPrefix("modelshelf: unknown command '\\xff\\x1b'"))
        #expect(child.wait() == 2)
    }

    @Test("A reader that goes away, as head does, ends it quietly")
    func closedPipe() throws {
        let child = try Child([FilePath("help")])
        close(child.output)
        close(child.input)
        #expect(try child.read(child.messages).isEmpty)
        // It may have written before the pipe was closed.
        #expect([0, 141].contains(child.wait()))
    }

    @Test("The first signal stops the work in good order", .timeLimit(.minutes(1)), arguments: [SIGINT, SIGTERM])
    func cancel(number: Int32) throws {
        let path = try Child.folder().appending("signal-\(getpid())-\(number)")
        // A hole of a terabyte: as long to hash as anybody wants to wait.
        let descriptor = path.withCString { open($0, O_CREAT | O_RDWR | O_CLOEXEC, 0o600) }
        try #require(descriptor >= 0 && ftruncate(descriptor, 1 << 40) == 0)
        defer {
            close(descriptor)
            _ = path.withCString { unlink($0) }
        }
        let child = try Child([FilePath("hash"), path, FilePath("--json")])
        close(child.input)
        while !child.hasBlockedInterrupt { Clock.sleep(milliseconds: 1) }
        // Time to get from there to the work: a signal before it ends the program just as well, but at once.
        Clock.sleep(milliseconds: 500)
        kill(child.id, number)
        let document = try JSONValue.parse(try child.read(child.output))
        #expect(document["error"]?["code"]?.string == "cancelled")
        #expect(try child.read(child.messages).hasPrefix("modelshelf: stopping"))
        #expect(child.wait() == 130)
    }

    @Test("A signal outside of work that can be cancelled ends it with 130", .timeLimit(.minutes(1)))
    func signal() throws {
        for number in [SIGINT, SIGTERM] {
            let child = try Child([FilePath("hash"), FilePath("--check"), FilePath("-"), FilePath("--json")])
            while !child.hasBlockedInterrupt { Clock.sleep(milliseconds: 1) }
            kill(child.id, number)
            #expect(try child.read(child.messages) == "modelshelf: interrupted\n")
            #expect(try child.read(child.output).isEmpty)
            #expect(child.wait() == 130)
            close(child.input)
        }
    }
}
