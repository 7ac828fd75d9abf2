import ShelfBase
import ShelfHashing
import ShelfTestSupport
import Testing

@testable import ModelShelf

/// InvokeAI's hash of a folder, against what its own class gave.
@Suite struct ModelFolderTests {
    private func noise(_ seed: UInt64) -> [UInt8] {
        var state = seed
        return (0..<100).map { _ in
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return UInt8(truncatingIfNeeded: state >> 56)
        }
    }

    private func hash(_ path: FilePath, jobs: Int = 2) throws -> String? {
        let document = try FileTools.hash([path], algorithms: ["invokeai", "sha256"], jobs: jobs)
        #expect(document["files"]?[0]?["hashes"]?["sha256"] == .null)
        return document["files"]?[0]?["hashes"]?["invokeai"]?.string
    }

    @Test(arguments: [1, 2, 8]) func theVector(jobs: Int) throws {
        try Folder.use { folder in
            let names = [
                "unet/diffusion_pytorch_model.safetensors", "vae/diffusion_pytorch_model.bin",
                "text_encoder/model.safetensors", "text_encoder-2/model.pth", "a.CKPT", "b.gguf", "z.pt",
            ]
            for (index, name) in names.enumerated() {
                try folder.write(name, noise(UInt64(index + 1)))
            }
            try folder.write("model_index.json", "{}")
            // Neither folders behind links nor links that lead nowhere count.
            try folder.link("again", to: folder["unet"])
            try folder.link("gone.bin", to: FilePath("nowhere"))
            let wanted = "blake3:fa473a72d23e70a05f3d25526105f0d2f302a8ce8804f58cef6eca9ac1f949da"
            #expect(try hash(folder.path, jobs: jobs) == wanted)
        }
    }

    @Test func anEmptyFolder() throws {
        try Folder.use { folder in
            let wanted = "blake3:af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262"
            let found = try hash(folder.path)
            #expect(found == wanted)
        }
    }

    @Test func oneThatCannotBeReadFailsTheFolder() throws {
        try Folder.use { folder in
            try folder.write("model/y.bin", "y")
            let pipe = try folder.makeFIFO("model/x.bin")
            let document = try FileTools.hash([folder["model"], folder["model/y.bin"]], algorithms: ["invokeai"])
            // A pipe is no file and does not count.
            #expect(document["files"]?.array?.count == 2, "\(pipe)")
            let failing = try FileTools.hash([folder["model"], folder["none"]], algorithms: ["sha256"])
            #expect(failing["files"]?.array?.count == 0)
            #expect(failing["failed"]?.array?.count == 2)
        }
    }
}

@Suite struct DeviceTurnsTests {
    /// Never two at once where the device bears one reader; results and errors pass through.
    @Test func oneAtATime() throws {
        try Folder.use { folder in
            let path = try folder.write("f", "x")
            for (kind, most) in [(StorageKind.rotating, 1), (.network, 1), (.solid, 4)] {
                let turns = DeviceTurns { _, _ in kind }
                let state = Locked((now: 0, peak: 0, done: 0))
                let pool = WorkerPool(threads: 4)
                for _ in 0..<40 {
                    pool.submit {
                        try? turns.take(7, for: path) { () throws(ShelfError) in
                            state.withLock {
                                $0.now += 1
                                $0.peak = max($0.peak, $0.now)
                            }
                            Clock.sleep(milliseconds: 1)
                            state.withLock {
                                $0.now -= 1
                                $0.done += 1
                            }
                        }
                    }
                }
                pool.finish()
                #expect(state.withLock { $0.peak } <= most)
                #expect(state.withLock { $0.done } == 40)
                #expect(throws: ShelfError.self) {
                    try turns.take(7, for: path) { () throws(ShelfError) in throw ShelfError(.cancelled, "x") }
                }
            }
        }
    }
}

@Suite struct ClaimCheckTests {
    @Test func claimsAreComparedWithTheTensors() {
        var digests = FileDigests()
        let claims: JSONObject = [
            "sshs_model_hash": .string("abab"), "modelspec.hash_sha256": .string("cdcd"),
            "sshs_legacy_hash": .string("ab"),
        ]
        let unknown = ClaimCheck.document(claims, digests)
        #expect(unknown["sshs_model_hash"]?["matches"] == .null)
        digests.tensorSHA256 = [UInt8](repeating: 0xab, count: 32)
        let known = ClaimCheck.document(claims, digests)
        #expect(known["sshs_model_hash"]?["matches"] == .bool(true))
        #expect(known["sshs_model_hash"]?["value"] == .string("abab"))
        #expect(known["modelspec.hash_sha256"]?["matches"] == .bool(false))
        #expect(known["sshs_legacy_hash"]?["matches"] == .null)
        #expect(ClaimCheck.document([:], digests).isEmpty)
    }
}

@Suite struct DataHasherTests {
    private static let algorithms = [
        "sha256", "tensor_sha256", "autov1", "autov2", "autov3", "blake3", "crc32", "crc32_civitai", "invokeai",
        "a1111_legacy",
    ]

    private func safetensors(_ size: Int) -> [UInt8] {
        let text = "{\"w\":{\"dtype\":\"U8\",\"shape\":[\(size)],\"data_offsets\":[0,\(size)]}}"
        let length = UInt64(text.utf8.count)
        let head = (0..<8).map { UInt8(truncatingIfNeeded: length >> UInt64(8 * $0)) } + Array(text.utf8)
        return head + (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 31) }
    }

    /// Piece by piece, as one buffer and as a file: the same.
    @Test(arguments: [0, 1, 100, 70_000, 2_200_000]) func allWaysAgree(size: Int) throws {
        try Folder.use { folder in
            for bytes in [safetensors(size), Array(safetensors(size).dropFirst(3)), Array(repeating: 9, count: size)] {
                let path = try folder.write("f", bytes)
                let document = try FileTools.hash([path], algorithms: Self.algorithms)
                let wanted = try #require(document["files"]?[0]?["hashes"]?.object)
                let whole = try bytes.withUnsafeBytes { try DataHasher.hashes(of: $0, Self.algorithms) }
                #expect(whole == wanted)
                for piece in [3, 5, 4096, 65_537] where bytes.count / piece < 30_000 {
                    let hasher = try DataHasher(Self.algorithms)
                    bytes.withUnsafeBytes { all in
                        for start in stride(from: 0, to: all.count, by: piece) {
                            hasher.update(.init(rebasing: all[start..<min(all.count, start + piece)]))
                        }
                    }
                    #expect(hasher.hashes() == wanted, "\(size) in pieces of \(piece)")
                }
            }
        }
    }

    @Test func copiesGoTheirOwnWays() throws {
        let bytes = safetensors(5000)
        let first = try DataHasher(Self.algorithms)
        bytes[..<1000].withUnsafeBytes { first.update($0) }
        let second = try first.copy()
        bytes[1000...].withUnsafeBytes { first.update($0) }
        [1, 2, 3].withUnsafeBytes { second.update($0) }
        let before = first.hashes()
        let third = try second.copy()
        bytes[1000...].withUnsafeBytes { third.update($0) }
        #expect(first.hashes() == before)
        #expect(
            try first.text("SHA256")
                == (try bytes.withUnsafeBytes { try DataHasher.hashes(of: $0, ["sha256"]) })["sha256"]?.string)
        #expect(try first.text("sha256") != second.text("sha256"))
    }

    @Test func whatCannotBeComputedIsRefused() throws {
        for names in [["git_sha1"], ["sha256", "canonical"], ["sha257"], []] {
            #expect(throws: ShelfError.self) { try DataHasher(names) }
        }
        let hasher = try DataHasher(["sha256"])
        #expect(throws: ShelfError.self) { try hasher.text("blake3") }
        let name = try [UInt8]("Hello, World!".utf8).withUnsafeBytes { try DataHasher.hashes(of: $0, ["git_sha1"]) }
        #expect(name["git_sha1"]?.string == "b45ef6fec89518d314f546fd6c3025367b721684")
    }

    /// The vector `st-meta`: the same value for the same tensors under any header and in any order.
    @Test func theCanonicalVector() throws {
        let header =
            "{\"__metadata__\":{\"ss_network_module\":\"networks.lora\",\"ss_network_dim\":\"16\",\"modelspec.title\":"
            + "\"t\"},\"a\":{\"dtype\":\"F16\",\"shape\":[],\"data_offsets\":[24,26]},\"b\":{\"dtype\":\"F32\",\"shape\":"
            + "[2,3],\"data_offsets\":[0,24]},\"c\":{\"dtype\":\"I64\",\"shape\":[4],\"data_offsets\":[26,58]}} "
        var state: UInt64 = 77
        let data = (0..<58).map { _ in
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return UInt8(truncatingIfNeeded: state >> 56)
        }
        let bytes = [8, 1, 0, 0, 0, 0, 0, 0] + Array(header.utf8) + data
        let wanted = "0d9d992bf84ce47861222616e6a0e4773113e80ef75cb3de7ebebb8e12aa6ec7"
        let found = try bytes.withUnsafeBytes { try DataHasher.hashes(of: $0, ["canonical"]) }
        #expect(found["canonical"]?.string == wanted)
        try Folder.use { folder in
            let document = try FileTools.hash([try folder.write("f", bytes)], algorithms: ["canonical"])
            #expect(document["files"]?[0]?["hashes"]?["canonical"]?.string == wanted)
        }
    }

    /// Two tensors in another order, with metadata, have one canonical digest.
    @Test func theCanonicalDigestSurvivesSavingAgain() throws {
        func file(_ header: String, _ data: [UInt8]) -> [UInt8] {
            let length = UInt64(header.utf8.count)
            return (0..<8).map { UInt8(truncatingIfNeeded: length >> UInt64(8 * $0)) } + Array(header.utf8) + data
        }
        let a: [UInt8] = [1, 2, 3, 4]
        let b: [UInt8] = [5, 6]
        let files = [
            file(
                "{\"a\":{\"dtype\":\"U8\",\"shape\":[2,2],\"data_offsets\":[0,4]},"
                    + "\"b\":{\"dtype\":\"I8\",\"shape\":[2],\"data_offsets\":[4,6]}}", a + b),
            file(
                "{\"__metadata__\":{\"x\":\"y\"},\"a\":{\"dtype\":\"U8\",\"shape\":[2,2],\"data_offsets\":[2,6]},"
                    + "\"b\":{\"dtype\":\"I8\",\"shape\":[2],\"data_offsets\":[0,2]}}", b + a),
        ]
        let digests = try files.map { bytes in
            try bytes.withUnsafeBytes { try DataHasher.hashes(of: $0, ["canonical", "tensor_sha256"]) }
        }
        let first = try #require(digests.first), last = try #require(digests.last)
        #expect(first["canonical"]?.string?.utf8.count == 64)
        #expect(first["canonical"] == last["canonical"])
        #expect(first["tensor_sha256"] != last["tensor_sha256"])
    }
}

@Suite struct HashProgressTests {
    /// Bytes as they were told; small files are done before the first moment at which something is told.
    private final class Told { var all: [(Int64, Int64)] = [] }

    @Test func itEndsWithAllBytesWhateverFails() throws {
        try Folder.use { folder in
            let good = try folder.write("good.bin", [UInt8](repeating: 7, count: 300_000))
            let paths = [good, folder["none"], try folder.makeFIFO("pipe"), good]
            let told = Told()
            _ = try FileTools.hash(paths, algorithms: ["all"]) { done, total in
                told.all.append((done, total))
                return true
            }
            let last = try #require(told.all.last)
            #expect(last == (600_000, 600_000))
        }
    }

    @Test func whoStopsItAtTheEndGetsNothing() throws {
        try Folder.use { folder in
            let path = try folder.write("f", [1, 2, 3])
            #expect(throws: ShelfError.self) {
                try FileTools.hash([path], algorithms: ["all"]) { _, _ in false }
            }
        }
    }

    @Test(arguments: [Int.min, 0, 1 << 40, .max]) func anyNumberOfThreadsMayBeAskedFor(jobs: Int) throws {
        try Folder.use { folder in
            let large = try folder.write("large", [UInt8](repeating: 1, count: 9 << 20))
            let small = try folder.write("small", [1, 2, 3])
            for paths in [[large], [small], [large, small]] {
                let document = try FileTools.hash(paths, algorithms: ["all"], jobs: jobs)
                #expect(document["files"]?.array?.count == paths.count)
            }
        }
    }
}
