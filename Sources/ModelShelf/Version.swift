/// The version of modelshelf, one for the library, the command line and the wheel; a test holds the copies together.
public enum ModelShelfVersion {
    public static let text = "0.1.0"
    /// The version of the C ABI: counts up when something is added, the soname when something breaks.
    public static let abi: Int32 = 1
}
