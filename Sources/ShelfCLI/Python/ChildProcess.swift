internal import Glibc
internal import ShelfBase

/// A short program that is run for what it prints.
enum ChildProcess {
    private static let limit = 65_536

    /// Standard output of a program, up to 64 KiB; nil when it cannot be run or ends with another status than 0.
    ///
    /// It reads nothing: standard input may hold a script that is for somebody else.
    static func output(of program: FilePath, _ arguments: [String]) -> [UInt8]? {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { return nil }
        let (reading, writing) = (ends[0], ends[1])
        defer { close(reading) }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addclose(&actions, reading)
        posix_spawn_file_actions_adddup2(&actions, writing, STDOUT_FILENO)
        if writing != STDOUT_FILENO { posix_spawn_file_actions_addclose(&actions, writing) }

        var process = pid_t()
        let status = CWords([program] + arguments.map { FilePath($0) }).withPointers { words in
            program.withCString { posix_spawn(&process, $0, &actions, nil, words, environ) }
        }
        close(writing)
        guard status == 0 else { return nil }
        let bytes = read(reading)
        var ended: Int32 = 0
        while waitpid(process, &ended, 0) < 0 { guard errno == EINTR else { return nil } }
        return ended == 0 ? bytes : nil
    }

    /// Everything is read, so that the program does not wait for ever; what is too much is dropped.
    private static func read(_ descriptor: Int32) -> [UInt8] {
        var bytes: [UInt8] = []
        var block = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = Glibc.read(descriptor, &block, block.count)
            if count > 0 {
                if bytes.count < limit { bytes += block.prefix(count) }
            } else if count == 0 || errno != EINTR {
                return bytes
            }
        }
    }
}

/// Words as C wants them: an array of texts that ends with NULL.
struct CWords {
    let words: [FilePath]

    init(_ words: [FilePath]) { self.words = words }

    func withPointers<Result>(_ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> Result) -> Result {
        let copies = words.map { word in word.withCString { strdup($0) } }
        defer { for copy in copies { free(copy) } }
        let list = UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>.allocate(capacity: copies.count + 1)
        defer { list.deallocate() }
        list.initialize(repeating: nil, count: copies.count + 1)
        for (index, copy) in copies.enumerated() { list[index] = copy }
        return body(list)
    }
}
