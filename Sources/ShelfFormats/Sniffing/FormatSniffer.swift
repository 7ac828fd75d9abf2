public import ShelfBase

/// Tells a file's format from its bytes; the name only decides what has no mark, and what to warn of.
public enum FormatSniffer {
    /// Bytes from the start of a file that are enough.
    public static let headLength = 64 << 10
    /// Bytes from the end of a zip archive that hold the end of its directory: the record and the longest comment.
    public static let tailLength = 66 << 10

    /// - Parameters:
    ///   - head: the first ``headLength`` bytes of the file, or all of it.
    ///   - tail: the last ``tailLength`` bytes; only looked at when the file starts like a zip archive.
    ///   - size: bytes of the whole file.
    ///   - name: the file's path or name.
    public static func sniff(head: [UInt8], tail: [UInt8] = [], size: Int64, name: FilePath) -> Sniff {
        let format = format(head: head, tail: tail, size: size, name: name)
        return Sniff(
            format: format, problem: problem(format, head, name), note: mismatch(format, name))
    }

    private static func format(head: [UInt8], tail: [UInt8], size: Int64, name: FilePath) -> FileFormat {
        guard size > 0, !head.isEmpty else { return .empty }
        if let signature = FormatSignature.certain.first(where: { $0.matches(head) }) {
            return signature.format == .zip ? ZipNames.format(head: head, tail: tail) : signature.format
        }
        // Before pickle: a header of 640 bytes starts with the mark of a protocol 2 pickle.
        if startsLikeSafetensors(head, size: size) { return .safetensors }
        if let signature = FormatSignature.weak.first(where: { $0.matches(head) }) { return signature.format }
        if PickleMark.matches(head) { return .pickle }
        if let text = FailedDownload.format(head) { return text }
        if ONNXMark.matches(head, size: size) { return .onnx }
        if head.allSatisfy({ $0 == 0 }) { return .unknown }
        // No mark decides: these are what they are called, and their reader says what is wrong with them.
        switch name.pathExtension {
        case "safetensors", "sft": return .safetensors
        case "engine", "trt", "plan": return .tensorrt
        default: return .unknown
        }
    }

    /// A possible length, and a brace as the first character after it that is not white space.
    private static func startsLikeSafetensors(_ head: [UInt8], size: Int64) -> Bool {
        guard let length = LittleEndian.uint64(head, at: 0), length >= 2, length <= SafetensorsLimits.headerLength,
            8 + length <= UInt64(clamping: size)
        else { return false }
        let text = head.dropFirst(8).prefix(Int(clamping: length))
        let first = text.first { $0 != 0x20 && $0 != 0x09 && $0 != 0x0a && $0 != 0x0d }
        return first == UInt8(ascii: "{") || (first == nil && text.count < length)
    }

    // MARK: Remarks

    /// Extensions that promise a format which cannot run code.
    private static let promises: [String: FileFormat] = [
        "safetensors": .safetensors, "sft": .safetensors, "gguf": .gguf, "onnx": .onnx, "h5": .hdf5, "tflite": .tflite,
    ]

    private static func problem(_ format: FileFormat, _ head: [UInt8], _ name: FilePath) -> ShelfError? {
        let again = "download it again"
        switch format {
        case .empty: return ShelfError(.corruptFile, "the file is empty", path: name, hint: again)
        case .lfsPointer: return lfsProblem(head, name)
        case .html, .xml:
            return ShelfError(
                .corruptFile, "a web page saved under a model's name", path: name,
                hint: "\(again); the site may want a login or an API key")
        case .json, .text:
            return ShelfError(
                .corruptFile, "a service's text answer saved under a model's name: \(excerpt(head))", path: name,
                hint: "\(again); the site may want a login or an API key")
        case .ggml:
            return ShelfError(
                .unsupportedFormat, "a GGML file of before GGUF", path: name, hint: "get the model as GGUF")
        case .archive, .zip:
            if format == .zip, let broken = brokenPromise(format, name) { return broken }
            return ShelfError(
                .unsupportedFormat, "a packed archive, not a model", path: name, hint: "unpack it first")
        case .image: return ShelfError(.unsupportedFormat, "a picture, not a model", path: name)
        case .unknown:
            if head.allSatisfy({ $0 == 0 }) {
                return ShelfError(
                    .corruptFile, "starts with nothing but zeros: a download that was never written", path: name,
                    hint: again)
            }
            return ShelfError(.unsupportedFormat, "no known model format", path: name)
        default: return brokenPromise(format, name)
        }
    }

    private static func brokenPromise(_ format: FileFormat, _ name: FilePath) -> ShelfError? {
        guard let promised = promises[name.pathExtension], promised != format else { return nil }
        if format.canRunCode {
            return ShelfError(
                .unsafeFile,
                "named .\(name.pathExtension), but it is a \(format.rawValue) file, which can run code when it is loaded",
                path: name, hint: "do not load it; get the model from its source")
        }
        return ShelfError(.corruptFile, "named .\(name.pathExtension), but is a \(format.rawValue) file", path: name)
    }

    private static func lfsProblem(_ head: [UInt8], _ name: FilePath) -> ShelfError {
        let pointer = FailedDownload.pointer(head)
        var message = "a Git LFS pointer in place of the model"
        if let size = pointer.size { message += ", which has \(size) bytes" }
        if let digest = pointer.digest {
            message += (pointer.size == nil ? ", which has" : " and") + " SHA-256 \(digest)"
        }
        return ShelfError(.corruptFile, message, path: name, hint: "run `git lfs pull` in its folder")
    }

    /// The start of a text for a message: one line without control characters.
    private static func excerpt(_ head: [UInt8]) -> String {
        let line = head.prefix(200).map { $0 < 0x20 || $0 == 0x7f ? 0x20 : $0 }
        return FilePath(bytes: line.prefix(80)).escaped
    }

    /// Extensions whose content is expected to be a pickle; safetensors files with such names are common and safe, but
    /// programs that trust the name refuse them.
    private static let pickleNames: Set<String> = ["ckpt", "pt", "pt2", "pth", "bin", "pkl"]

    private static func mismatch(_ format: FileFormat, _ name: FilePath) -> String? {
        guard format.holdsModel, !format.canRunCode, pickleNames.contains(name.pathExtension) else { return nil }
        // A .bin may hold anything.
        if name.pathExtension == "bin", format != .safetensors { return nil }
        return "named .\(name.pathExtension), but is a \(format.rawValue) file"
    }
}
