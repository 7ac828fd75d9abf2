internal import Glibc
internal import ShelfBase

/// The standard streams of the process.
struct SystemTerminal: Terminal {
    /// Descriptors, not owned.
    var input = STDIN_FILENO
    var output = STDOUT_FILENO
    var messages = STDERR_FILENO

    func writeOutput(_ bytes: [UInt8]) -> WriteResult { Self.write(bytes, to: output) }

    func writeMessage(_ bytes: [UInt8]) { _ = Self.write(bytes, to: messages) }

    var outputIsTerminal: Bool { isatty(output) == 1 }
    var messagesAreTerminal: Bool { isatty(messages) == 1 }
    var outputWidth: Int? { Self.width(output) }
    var messageWidth: Int? { Self.width(messages) }

    func environment(_ name: String) -> String? { Environment.value(name) }

    func readInput(limit: Int) throws(ShelfError) -> [UInt8] {
        try Self.readAll(input, name: FilePath("standard input"), limit: limit)
    }

    /// Reads a pipe or device that has a name, such as the `/dev/fd/63` of a shell's `<(…)`, to its end.
    func readInput(_ path: FilePath, limit: Int) throws(ShelfError) -> [UInt8] {
        let descriptor = path.withCString { open($0, O_RDONLY | O_CLOEXEC | O_NOCTTY) }
        guard descriptor >= 0 else { throw .system(errno, "open it", path) }
        defer { close(descriptor) }
        return try Self.readAll(descriptor, name: path, limit: limit)
    }

    private static func readAll(_ input: Int32, name: FilePath, limit: Int) throws(ShelfError) -> [UInt8] {
        var bytes: [UInt8] = []
        var block = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = block.withUnsafeMutableBytes { Glibc.read(input, $0.baseAddress, $0.count) }
            if count > 0 {
                bytes += block[..<count]
                guard bytes.count <= limit else { throw ShelfError(.tooLarge, "too long", path: name) }
            } else if count == 0 {
                return bytes
            } else if errno != EINTR {
                throw .system(errno, "read it", name)
            }
        }
    }

    /// Writes everything, however small the pieces that the kernel takes. A pipe may be shared with a process that
    /// made it non-blocking, so a full one is waited for.
    private static func write(_ bytes: [UInt8], to descriptor: Int32) -> WriteResult {
        var offset = 0
        while offset < bytes.count {
            let count = bytes[offset...].withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            guard count < 0 else {
                offset += count
                continue
            }
            switch errno {
            case EINTR: continue
            case EAGAIN:
                var wish = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                poll(&wish, 1, -1)
            case EPIPE: return .closed
            case let number: return .failed(number)
            }
        }
        return .written
    }

    private static func width(_ descriptor: Int32) -> Int? {
        var size = winsize()
        guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return nil }
        return Int(size.ws_col)
    }
}
