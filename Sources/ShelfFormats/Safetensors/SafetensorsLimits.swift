/// Limits that keep a hostile header from taking the process down.
public enum SafetensorsLimits {
    /// Bytes of the header's JSON; the format's own limit.
    public static let headerLength: UInt64 = 100_000_000
    /// Bytes above which a header is remarked on: other programs refuse it.
    public static let unusualHeaderLength: UInt64 = 16 << 20
    public static let tensorCount = 1_000_000
    /// Bytes of a tensor's name.
    public static let nameLength = 4096
    /// Dimensions of a tensor.
    public static let rank = 16
    /// Levels of nested JSON.
    public static let depth = 8
    /// Bytes of all metadata keys and values together.
    public static let metadataLength = 64 << 20
}
