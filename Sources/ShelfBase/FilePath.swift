/// A path as the kernel knows it: bytes without NUL.
///
/// Paths are never normalised and never compared as texts: two Swift strings that differ only in their Unicode normal
/// form are equal, two files with such names are not. Text is derived for display only.
public struct FilePath: Hashable, Sendable, Comparable, CustomStringConvertible {
    public private(set) var bytes: [UInt8]

    /// Takes the bytes up to the first NUL, which no path can hold.
    public init(bytes: [UInt8]) {
        // A library has tens of thousands of paths, and none of them is cut: the common case must not copy.
        self.bytes = bytes.contains(0) ? Array(bytes.prefix { $0 != 0 }) : bytes
    }

    public init(bytes: some Sequence<UInt8>) {
        self.init(bytes: Array(bytes))
    }

    public init(_ text: String) {
        self.init(bytes: Array(text.utf8))
    }

    public static func == (left: FilePath, right: FilePath) -> Bool { left.bytes == right.bytes }

    /// All bytes at once: element by element, as an array does it, costs several times as much.
    public func hash(into hasher: inout Hasher) {
        bytes.withUnsafeBytes { hasher.combine(bytes: $0) }
    }

    public static func < (left: FilePath, right: FilePath) -> Bool {
        left.bytes.lexicographicallyPrecedes(right.bytes)
    }

    public var isEmpty: Bool { bytes.isEmpty }
    public var isAbsolute: Bool { bytes.first == UInt8(ascii: "/") }
    public var isUTF8: Bool { String(validating: bytes, as: UTF8.self) != nil }

    /// The path as text: U+FFFD stands for what is not UTF-8.
    public var display: String { String(decoding: bytes, as: UTF8.self) }

    /// The path as one line for a terminal: control characters and bytes that are not UTF-8 as `\xHH`.
    public var escaped: String {
        var text = ""
        var rest = bytes[...]
        while let byte = rest.first {
            let length = FilePath.sequenceLength(byte)
            if length > 0, rest.count >= length, let character = String(validating: rest.prefix(length), as: UTF8.self),
                let scalar = character.unicodeScalars.first, !FilePath.isControl(scalar)
            {
                text += character
                rest = rest.dropFirst(length)
            } else {
                text += "\\x" + Hex.encode([byte])
                rest = rest.dropFirst()
            }
        }
        return text
    }

    public var description: String { display }

    /// Base64 of the bytes when they are not UTF-8, for `path_bytes` in JSON.
    public var base64IfNotUTF8: String? { isUTF8 ? nil : Base64.encode(bytes) }

    /// The part after the last slash.
    public var lastComponent: FilePath {
        guard let slash = bytes.lastIndex(of: UInt8(ascii: "/")) else { return self }
        return FilePath(bytes: bytes[(slash + 1)...])
    }

    /// The part before the last slash; empty for a bare name, "/" for a name in the root folder.
    public var parent: FilePath {
        guard let slash = bytes.lastIndex(of: UInt8(ascii: "/")) else { return FilePath(bytes: []) }
        return FilePath(bytes: slash == 0 ? bytes[...0] : bytes[..<slash])
    }

    /// The name's extension in lower-case ASCII without its dot; empty without one, or for a name like `.hidden`.
    public var pathExtension: String {
        guard let dot = bytes.lastIndex(of: UInt8(ascii: ".")), dot > nameStart else { return "" }
        let text = bytes[(dot + 1)...]
        return String(unsafeUninitializedCapacity: text.count) { buffer in
            for (index, byte) in text.enumerated() { buffer[index] = FilePath.lowercase(byte) }
            return text.count
        }
    }

    /// Whether the last component starts with a dot.
    public var isHidden: Bool { nameStart < bytes.count && bytes[nameStart] == UInt8(ascii: ".") }

    private var nameStart: Int { bytes.lastIndex(of: UInt8(ascii: "/")).map { $0 + 1 } ?? 0 }

    /// The last component without its extension.
    public var stem: FilePath {
        let name = lastComponent.bytes
        guard let dot = name.lastIndex(of: UInt8(ascii: ".")), dot > 0 else { return FilePath(bytes: name) }
        return FilePath(bytes: name[..<dot])
    }

    public func appending(_ component: FilePath) -> FilePath {
        guard !bytes.isEmpty else { return component }
        guard !component.bytes.isEmpty else { return self }
        var joined = bytes
        if joined.last != UInt8(ascii: "/") { joined.append(UInt8(ascii: "/")) }
        joined += component.bytes
        return FilePath(bytes: joined)
    }

    public func appending(_ component: String) -> FilePath { appending(FilePath(component)) }

    /// What is left of this path below `folder`; nil when it is not inside. A folder is below itself as an empty path.
    public func relative(to folder: FilePath) -> FilePath? {
        if bytes == folder.bytes { return FilePath(bytes: []) }
        if folder.bytes == [UInt8(ascii: "/")] { return isAbsolute ? FilePath(bytes: bytes.dropFirst()) : nil }
        guard bytes.count > folder.bytes.count, bytes.starts(with: folder.bytes),
            bytes[folder.bytes.count] == UInt8(ascii: "/")
        else { return nil }
        return FilePath(bytes: bytes[(folder.bytes.count + 1)...])
    }

    /// Calls `body` with the NUL-terminated bytes, as the C library wants them.
    public func withCString<Result, Failure: Error>(
        _ body: (UnsafePointer<CChar>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        var terminated = bytes.map { CChar(bitPattern: $0) }
        terminated.append(0)
        // A non-empty array always has a base address; the empty text stands in for the case that cannot happen.
        return try terminated.withUnsafeBufferPointer { (buffer) throws(Failure) -> Result in
            guard let base = buffer.baseAddress else { return try withUnsafePointer(to: 0, body) }
            return try body(base)
        }
    }

    private static func lowercase(_ byte: UInt8) -> UInt8 {
        (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
    }

    private static func sequenceLength(_ lead: UInt8) -> Int {
        switch lead {
        case 0x00...0x7f: 1
        case 0xc2...0xdf: 2
        case 0xe0...0xef: 3
        case 0xf0...0xf4: 4
        default: 0
        }
    }

    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        // Control characters and the marks that reorder text could rewrite what a terminal shows around them.
        switch scalar.value {
        case 0x00...0x1f, 0x7f...0x9f, 0x200e, 0x200f, 0x202a...0x202e, 0x2066...0x2069: true
        default: false
        }
    }
}
