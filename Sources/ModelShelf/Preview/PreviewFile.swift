internal import Glibc
internal import ShelfBase
internal import ShelfCivitai

/// Where previews lie: beside the model, under its name with `.preview` and the ending of what they are.
enum PreviewFile {
    /// Endings that programs look for.
    private static let endings = ["png", "jpg", "jpeg", "webp", "gif", "avif", "jxl", "mp4", "webm"]

    /// `x.preview.png` beside `x.safetensors`; pictures after the first have a number.
    static func path(of model: FilePath, ending: String, number: Int = 1) -> FilePath {
        let middle = number == 1 ? ".preview." : ".preview.\(number)."
        let name = FilePath(bytes: model.stem.bytes + Array((middle + ending).utf8))
        return model.parent.appending(name)
    }

    /// A picture that is there already under any of the names that programs look for.
    static func existing(for model: FilePath) -> FilePath? {
        let stem = model.parent.appending(model.stem)
        for middle in [".preview.", "."] {
            for ending in endings {
                let path = FilePath(bytes: stem.bytes + Array((middle + ending).utf8))
                if case .success(let identity) = FileIdentity.of(path), identity.kind == .file, identity.size > 0 {
                    return path
                }
            }
        }
        return nil
    }

    /// Writes a picture in one step.
    static func write(_ bytes: [UInt8], to path: FilePath) throws(ShelfError) {
        // Hidden and with an ending of its own: nobody takes half a picture for one.
        let fresh = path.parent.appending(
            FilePath(bytes: Array(".".utf8) + path.lastComponent.bytes + Array(".\(getpid()).part".utf8)))
        let descriptor = fresh.withCString { open($0, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0o666) }
        guard descriptor >= 0 else { throw .system(errno, "write it", path) }
        var offset = 0
        while offset < bytes.count {
            let written = bytes[offset...].withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            guard written > 0 || (written < 0 && errno == EINTR) else {
                let number = written == 0 ? ENOSPC : errno
                close(descriptor)
                remove(fresh)
                throw .system(number, "write it", path)
            }
            offset += max(0, written)
        }
        close(descriptor)
        guard fresh.withCString({ from in path.withCString { rename(from, $0) } }) == 0 else {
            let number = errno
            remove(fresh)
            throw .system(number, "write it", path)
        }
    }

    static func remove(_ path: FilePath) { _ = path.withCString { unlink($0) } }
}
