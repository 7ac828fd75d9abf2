internal import Glibc

/// Small text files of `/proc` and `/sys`, whose size the kernel does not tell beforehand.
public enum ProcessFile {
    /// The text of such a file, up to 1 MiB; nil when it cannot be read.
    public static func text(_ path: String) -> String? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var block = [UInt8](repeating: 0, count: 16384)
        while bytes.count < 1 << 20 {
            let count = read(descriptor, &block, block.count)
            guard count > 0 else { return count == 0 ? String(decoding: bytes, as: UTF8.self) : nil }
            bytes += block[..<count]
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
