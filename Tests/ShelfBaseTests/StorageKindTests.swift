import ShelfTestSupport
import Testing

@testable import ShelfBase

/// A made-up /sys: what a partition, a mapped device and a file system with a number of its own lie on.
@Suite struct StorageKindTests {
    /// As Linux packs them, for small numbers.
    private func device(_ major: UInt64, _ minor: UInt64) -> UInt64 { major << 8 | minor }

    @Test func disksTellWhetherTheyTurn() throws {
        try Folder.use { folder in
            try folder.write("block/8:0/queue/rotational", "1\n")
            try folder.write("block/259:1/queue/rotational", "0\n")
            try folder.write("block/254:3/queue/rotational", "1\n")
            // A partition has no queue; its disk, one level higher, has.
            try folder.write("disk/queue/rotational", "1\n")
            try folder.write("disk/part/start", "2048\n")
            try folder.link("block/8:1", to: FilePath("../disk/part"))
            func turns(_ major: UInt64, _ minor: UInt64) -> Bool {
                StorageKind.turns(device(major, minor), system: folder["block"], mounts: folder["none"])
            }
            #expect(turns(8, 0))
            #expect(turns(8, 1))
            #expect(turns(254, 3))
            #expect(!turns(259, 1))
            #expect(!turns(7, 7))
        }
    }

    @Test func mountsNameTheDiskOfAnonymousNumbers() throws {
        try Folder.use { folder in
            try folder.write(
                "mounts",
                "36 35 0:31 /@ /mnt rw - btrfs /dev/none rw\n37 35 0:32 / /x rw shared:1 - overlay overlay rw\nx\n")
            for minor: UInt64 in [31, 32, 33] {
                #expect(!StorageKind.turns(device(0, minor), system: folder.path, mounts: folder["mounts"]))
            }
        }
    }

    @Test func thisMachineAnswers() throws {
        try Folder.use { folder in
            guard case .success(let identity) = FileIdentity.of(folder.path) else {
                Issue.record("the folder is not there")
                return
            }
            #expect(StorageKind.of(identity.device, folder.path) == StorageKind.of(identity.device, folder.path))
            #expect(StorageKind.solid.bearsSeveralReaders)
            #expect(!StorageKind.rotating.bearsSeveralReaders && !StorageKind.network.bearsSeveralReaders)
        }
    }
}
