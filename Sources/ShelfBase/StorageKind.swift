internal import CSystem
internal import Glibc

/// What a file lies on, as far as it decides how many may read at the same time.
public enum StorageKind: Sendable, Equatable {
    /// Solid state, memory, and whatever does not tell.
    case solid
    /// A disk that turns: it reads two files at once slower than one after the other.
    case rotating
    /// A file system over a network or in a user's process.
    case network

    public var bearsSeveralReaders: Bool { self == .solid }

    /// `statfs` types, from the kernel's `uapi/linux/magic.h` and the file systems' own headers: NFS, SMB, CIFS, SMB2,
    /// 9P, FUSE, Ceph, AFS, Coda, Lustre, GPFS.
    private static let networkTypes: Set<Int> = [
        0x6969, 0x517B, 0xFF53_4D42, 0xFE53_4D42, 0x0102_1997, 0x6573_5546, 0x00C3_6400, 0x5346_414F, 0x7375_7245,
        0x0BD0_0BD0, 0x4750_4653,
    ]

    /// The kind of the device that `stat` gives for the file at `path`.
    public static func of(_ device: UInt64, _ path: FilePath) -> StorageKind {
        let type = path.withCString { shelf_file_system_type($0) }
        if networkTypes.contains(type) { return .network }
        return turns(device, system: FilePath("/sys/dev/block"), mounts: FilePath("/proc/self/mountinfo"))
            ? .rotating : .solid
    }

    /// What the kernel says of a block device in the folder `system`, where a partition has what its disk says one
    /// level higher. A file system with a device number of its own (btrfs) names its disk in `mounts`.
    static func turns(_ device: UInt64, system: FilePath, mounts: FilePath) -> Bool {
        var number = self.number(device)
        if number.hasPrefix("0:"), let source = source(of: number, mounts) {
            var status = stat()
            guard source.withCString({ stat($0, &status) }) == 0, status.st_mode & S_IFMT == S_IFBLK else {
                return false
            }
            number = self.number(UInt64(status.st_rdev))
        }
        let entry = system.appending(FilePath(number))
        for place in ["queue/rotational", "../queue/rotational"] {
            guard let text = contents(entry.appending(FilePath(place))) else { continue }
            return text.first == UInt8(ascii: "1")
        }
        return false
    }

    /// `8:1`, as folders of /sys are called. The bits are those of Linux's `gnu_dev_major` and `gnu_dev_minor`.
    private static func number(_ device: UInt64) -> String {
        let major = (device >> 8) & 0xfff | (device >> 32) & 0xffff_f000
        let minor = device & 0xff | (device >> 12) & 0xffff_ff00
        return "\(major):\(minor)"
    }

    /// The device of the mount with this number: lines are `36 35 0:31 / /mnt … - btrfs /dev/sda1 …`.
    private static func source(of number: String, _ mounts: FilePath) -> FilePath? {
        guard let text = contents(mounts) else { return nil }
        for line in text.split(separator: 0x0a) {
            let words = line.split(separator: UInt8(ascii: " "))
            guard words.count > 6, words[2].elementsEqual(number.utf8),
                let dash = words.firstIndex(where: { $0.elementsEqual("-".utf8) }), dash + 2 < words.count
            else { continue }
            return FilePath(bytes: Array(words[dash + 2]))
        }
        return nil
    }

    /// A file of /proc or /sys, which say a size of nothing.
    private static func contents(_ path: FilePath) -> [UInt8]? {
        try? ReadableFile(path).bytes(at: 0, count: 1 << 20)
    }
}
