/// What a picture or a video is by its first bytes. Addresses and content types lie: the image service writes `.jpeg`
/// behind everything.
public enum PictureKind: String, Sendable, CaseIterable {
    case png, jpeg, webp, gif, avif, jxl, mp4, webm

    /// How names of such files end.
    public var fileExtension: String { self == .jpeg ? "jpg" : rawValue }

    public var isVideo: Bool { self == .mp4 || self == .webm }

    /// Nil for anything else, such as a page.
    public static func sniff(_ head: some Collection<UInt8>) -> PictureKind? {
        let bytes = Array(head.prefix(64))
        func has(_ text: String, at offset: Int) -> Bool { bytes.dropFirst(offset).starts(with: text.utf8) }
        if bytes.starts(with: [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]) { return .png }
        if bytes.starts(with: [0xff, 0xd8, 0xff]) { return .jpeg }
        if has("RIFF", at: 0), has("WEBP", at: 8) { return .webp }
        if has("GIF87a", at: 0) || has("GIF89a", at: 0) { return .gif }
        if bytes.starts(with: [0x1a, 0x45, 0xdf, 0xa3]) { return .webm }
        if bytes.starts(with: [0xff, 0x0a]) || has("JXL ", at: 4) { return .jxl }
        guard has("ftyp", at: 4) else { return nil }
        // The box lists every brand that the file may be read as; that of a still picture may stand behind others.
        let isPicture = stride(from: 8, to: bytes.count - 3, by: 4).contains {
            has("avif", at: $0) || has("avis", at: $0)
        }
        return isPicture ? .avif : .mp4
    }
}
