/// A format's mark: bytes at a fixed place.
struct FormatSignature: Sendable {
    let offset: Int
    let bytes: [UInt8]
    let format: FileFormat

    init(_ format: FileFormat, at offset: Int = 0, _ bytes: [UInt8]) {
        self.format = format
        self.offset = offset
        self.bytes = bytes
    }

    init(_ format: FileFormat, at offset: Int = 0, _ text: String) {
        self.init(format, at: offset, Array(text.utf8))
    }

    func matches(_ head: [UInt8]) -> Bool {
        head.count >= offset + bytes.count && head[offset..<offset + bytes.count].elementsEqual(bytes)
    }

    /// Marks that are sure enough to be tested before everything else. No safetensors file starts like one of them:
    /// read as a length, they are far above the format's limit.
    static let certain: [FormatSignature] = [
        FormatSignature(.lfsPointer, "version https://git-lfs.github.com/spec/v1"),
        FormatSignature(.gguf, "GGUF"),
        FormatSignature(.ggml, "GGML"),
        FormatSignature(.ggml, "lmgg"),
        FormatSignature(.ggml, "ggjt"),
        FormatSignature(.ggml, "tjgg"),
        FormatSignature(.ggml, "ggla"),
        FormatSignature(.ggml, "algg"),
        FormatSignature(.ggml, "ggmf"),
        FormatSignature(.ggml, "fmgg"),
        FormatSignature(.zip, "PK\u{3}\u{4}"),
        FormatSignature(.zip, "PK\u{5}\u{6}"),
        FormatSignature(.zip, "PK\u{7}\u{8}"),
        FormatSignature(.archive, [0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c]),
        FormatSignature(.archive, "Rar!\u{1a}\u{7}"),
        FormatSignature(.archive, [0x28, 0xb5, 0x2f, 0xfd]),
        FormatSignature(.archive, [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]),
        FormatSignature(.npy, [0x93] + Array("NUMPY".utf8)),
        FormatSignature(.hdf5, [0x89] + Array("HDF\r\n\u{1a}\n".utf8)),
        FormatSignature(.tensorrt, "ptrt"),
        FormatSignature(.tensorrt, "ftrt"),
        FormatSignature(.image, [0x89] + Array("PNG\r\n\u{1a}\n".utf8)),
        FormatSignature(.image, at: 8, "WEBPVP8"),
        FormatSignature(.image, [0xff, 0xd8, 0xff, 0xe0]),
        FormatSignature(.image, at: 4, "ftypavif"),
        FormatSignature(.image, at: 4, "JXL \r\n"),
    ]

    /// Marks that a safetensors file may carry by chance, so they are tested after it. Gzip's two bytes are the
    /// length 35,615 of a header.
    static let weak: [FormatSignature] = [
        FormatSignature(.archive, [0x1f, 0x8b]),
        FormatSignature(.archive, "BZh"),
        FormatSignature(.archive, at: 257, "ustar"),
        FormatSignature(.tflite, at: 4, "TFL3"),
    ]
}
