internal import Glibc

/// The process's environment, read when asked: a notebook sets `CIVITAI_TOKEN` after the import.
public enum Environment {
    /// The value of a variable; nil when it is not set or empty.
    public static func value(_ name: String) -> String? {
        guard let text = getenv(name) else { return nil }
        let value = String(cString: text)
        return value.isEmpty ? nil : value
    }

    /// Whether a switch like `MODELSHELF_OFFLINE` is on: set, and not one of `0 false no off`.
    public static func flag(_ name: String) -> Bool {
        guard let text = value(name)?.lowercased() else { return false }
        return !["0", "false", "no", "off"].contains(text)
    }

    /// The home folder that the system's list of users gives to the one that runs us: services often have no `HOME`.
    public static func accountHome() -> FilePath? {
        var entry = passwd()
        var found: UnsafeMutablePointer<passwd>?
        return withUnsafeTemporaryAllocation(of: CChar.self, capacity: 16 << 10) { buffer -> FilePath? in
            guard let base = buffer.baseAddress,
                getpwuid_r(geteuid(), &entry, base, buffer.count, &found) == 0, let home = found?.pointee.pw_dir
            else { return nil }
            return FilePath(bytes: UnsafeRawBufferPointer(start: home, count: strlen(home)))
        }
    }

    /// The value as bytes, for paths.
    public static func path(_ name: String) -> FilePath? {
        guard let text = getenv(name), text[0] != 0 else { return nil }
        return FilePath(bytes: UnsafeRawBufferPointer(start: text, count: strlen(text)))
    }
}
