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

    /// The value as bytes, for paths.
    public static func path(_ name: String) -> FilePath? {
        guard let text = getenv(name), text[0] != 0 else { return nil }
        return FilePath(bytes: UnsafeRawBufferPointer(start: text, count: strlen(text)))
    }
}
