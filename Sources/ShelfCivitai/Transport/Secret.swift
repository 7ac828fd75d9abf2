/// A value that must not be printed by accident: every way of turning it into text says `***`.
public struct Secret: Sendable, Equatable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The value itself. Hand it to the transport and to nobody else.
    let value: String

    /// Nil for an empty text and for one that cannot stand in a header: an API key is plain ASCII without blanks, and
    /// a line break in it would forge headers.
    public init?(_ text: String) {
        let bytes = text.utf8.drop { $0 <= 0x20 }
        guard let end = bytes.lastIndex(where: { $0 > 0x20 }) else { return nil }
        let trimmed = bytes[...end]
        guard trimmed.allSatisfy({ $0 > 0x20 && $0 < 0x7f }), trimmed.count <= 4096 else { return nil }
        value = String(decoding: trimmed, as: UTF8.self)
    }

    public var description: String { "***" }
    public var debugDescription: String { "***" }
    public var customMirror: Mirror { Mirror(self, children: []) }
}
