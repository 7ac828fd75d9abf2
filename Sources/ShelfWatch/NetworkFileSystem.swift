internal import CSystem
internal import ShelfBase

/// Which file systems report only what this machine does, so that their folders are listed now and then as well.
enum NetworkFileSystem {
    /// `statfs` numbers of NFS, SMB, CIFS, SMB 2, FUSE, 9p, AFS (two kinds), Ceph, Coda, VirtualBox and GFS 2.
    private static let types: Set<UInt32> = [
        0x6969, 0x517b, 0xff53_4d42, 0xfe53_4d42, 0x6573_5546, 0x0102_1997, 0x5346_414f, 0x6b41_4653, 0x00c3_6400,
        0x7375_7245, 0x786f_4256, 0x0116_1970,
    ]

    static func holds(_ folder: FilePath) -> Bool {
        isSilent(type: folder.withCString { shelf_file_system_type($0) })
    }

    static func isSilent(type: Int) -> Bool {
        // Some numbers have their highest bit set, which a long of `statfs` may show as a sign.
        types.contains(UInt32(truncatingIfNeeded: type))
    }
}
