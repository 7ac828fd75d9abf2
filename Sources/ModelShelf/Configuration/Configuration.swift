public import ShelfBase

/// What `$MODELSHELF_HOME/config.toml` says: folders, and what holds where nobody says otherwise.
public struct Configuration: Sendable {
    public struct Root: Sendable {
        /// Absolute; links are not resolved.
        public var path: FilePath
        public var settings: RootSettings
    }

    /// The file.
    public let path: FilePath
    /// What holds for every folder that does not say otherwise.
    public internal(set) var defaults = RootSettings()
    public internal(set) var roots: [Root] = []
    /// Parts of a download fetched at once.
    public internal(set) var connections: Int?
    /// The width of pictures in pixels.
    public internal(set) var previewWidth: Int?
    /// How often a watch lists folders that report nothing (milliseconds).
    public internal(set) var pollMilliseconds: Int64?
    /// Whether a watch computes digests that sidecars told.
    public internal(set) var verifiesAdopted: Bool?

    init(path: FilePath) { self.path = path }

    /// The file's name below `$MODELSHELF_HOME`.
    public static let fileName = "config.toml"

    /// Reads a file; nil when there is none.
    static func read(_ path: FilePath) throws(ShelfError) -> Configuration? {
        let bytes: [UInt8]
        do throws(ShelfError) {
            bytes = try SettingsFile.bytes(path)
        } catch {
            if error.code == .notFound { return nil }
            throw error
        }
        return try parse(bytes, path: path, home: HomeFolder.ofUser())
    }

    /// Understands the text of such a file.
    ///
    /// - Parameters:
    ///   - path: where it lies; relative folders are taken from there.
    ///   - home: what `~` stands for.
    public static func parse(_ bytes: [UInt8], path: FilePath, home: FilePath?) throws(ShelfError) -> Configuration {
        do throws(SettingsError) {
            return try ConfigurationReader(path: path, home: home).read(TOMLDocument(bytes))
        } catch {
            throw SettingsFile.error(error, path)
        }
    }
}

/// Files that people write settings into.
enum SettingsFile {
    /// The whole file. One that is too large is refused before it is read.
    static func bytes(_ path: FilePath) throws(ShelfError) -> [UInt8] {
        let file = try ReadableFile(path)
        let most = TOMLDocument.largestFile
        guard file.size <= most else {
            throw ShelfError(
                .tooLarge, "it has more than \(most >> 20) MiB: these are no settings", path: path,
                hint: "move it away; docs/configuration.md shows what belongs there")
        }
        return try file.bytes(at: 0, count: Int(most))
    }

    static func error(_ error: SettingsError, _ path: FilePath) -> ShelfError {
        ShelfError(.usage, "line \(error.line): \(error.message)", path: path, hint: error.hint)
    }
}
