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
        var bytes: [UInt8] = []
        var block = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = block.withUnsafeMutableBytes { Glibc.read(input, $0.baseAddress, $0.count) }
            if count > 0 {
                bytes += block[..<count]
                guard bytes.count <= limit else { throw ShelfError(.tooLarge, "standard input is too long") }
            } else if count == 0 {
                return bytes
            } else if errno != EINTR {
                throw .system(errno, "read it", FilePath("standard input"))
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
