internal import ShelfBase

/// An address of Civitai's image service, which makes any size of a picture and a still of any video:
/// `https://image.civitai.com/ACCOUNT/UUID/KEY=VALUE,…/NAME.EXTENSION`.
public struct EdgeAddress: Sendable, Equatable {
    /// Widths that the service keeps; others are rounded up to the next of these.
    public static let widths = [96, 320, 450, 512, 800, 1200, 1600, 2200]
    public static let previewWidth = 450

    private let origin: HTTPURL.Origin
    private let account: String
    private let picture: String
    private let name: String

    /// Nil for an address of another kind, which is to be used as it is.
    public init?(_ url: HTTPURL) {
        let parts = url.path.split(separator: "/").map(String.init)
        guard parts.count == 3 || parts.count == 4 else { return nil }
        let settings = parts.count == 4 ? parts[2] : ""
        guard Self.isUUID(parts[1]), parts.count == 3 || settings.contains("=") else { return nil }
        origin = url.origin
        account = parts[0]
        picture = parts[1]
        name = parts[parts.count - 1]
    }

    /// The picture at one of the kept widths, the next one that is not smaller.
    public func picture(width: Int) -> HTTPURL { with(["width=\(Self.kept(width))", "optimized=true"]) }

    /// A still of a video.
    public func still(width: Int) -> HTTPURL {
        with(["anim=false", "transcode=true", "width=\(Self.kept(width))", "optimized=true"])
    }

    /// The file as it was uploaded.
    public var original: HTTPURL { with(["original=true"]) }

    /// The next width that the service keeps; its largest for anything above.
    public static func kept(_ width: Int) -> Int { widths.first { $0 >= width } ?? widths[widths.count - 1] }

    private func with(_ settings: [String]) -> HTTPURL {
        HTTPURL(origin: origin, target: "/\(account)/\(picture)/\(settings.joined(separator: ","))/\(name)")
    }

    private static func isUUID(_ text: String) -> Bool {
        let groups = text.split(separator: "-", omittingEmptySubsequences: false)
        return groups.map(\.utf8.count) == [8, 4, 4, 4, 12] && groups.allSatisfy { Hex.isHex(String($0)) }
    }
}
