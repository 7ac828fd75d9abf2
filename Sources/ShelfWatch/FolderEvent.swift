internal import Glibc
internal import ShelfBase

/// One record of the kernel's queue.
struct FolderEvent: Equatable {
    let number: Int32
    let mask: UInt32
    let cookie: UInt32
    let name: FilePath

    func has(_ bit: Int) -> Bool { mask & UInt32(truncatingIfNeeded: bit) != 0 }

    var isFolder: Bool { has(FolderEvent.isFolderBit) }

    private static let isFolderBit = Int(IN_ISDIR)

    /// The records of one read. A record that is cut off ends them.
    static func parse(_ bytes: UnsafeRawBufferPointer) -> [FolderEvent] {
        let head = MemoryLayout<inotify_event>.size
        var events: [FolderEvent] = []
        var offset = 0
        while offset + head <= bytes.count {
            let length = Int(bytes.loadUnaligned(fromByteOffset: offset + 12, as: UInt32.self))
            guard offset + head + length <= bytes.count else { break }
            let name = UnsafeRawBufferPointer(rebasing: bytes[(offset + head)..<(offset + head + length)])
            events.append(
                FolderEvent(
                    number: bytes.loadUnaligned(fromByteOffset: offset, as: Int32.self),
                    mask: bytes.loadUnaligned(fromByteOffset: offset + 4, as: UInt32.self),
                    cookie: bytes.loadUnaligned(fromByteOffset: offset + 8, as: UInt32.self),
                    name: FilePath(bytes: Array(name.prefix { $0 != 0 }))))
            offset += head + length
        }
        return events
    }
}
