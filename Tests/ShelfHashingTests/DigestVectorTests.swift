import ShelfBase
import ShelfHashing
import Testing

private let everything = DigestStreams(for: HashAlgorithm.allCases)

/// Digests of bytes that come in blocks which end at `cuts`.
private func digests(
    _ bytes: [UInt8], tensorOffset: Int64?, cuts: [Int] = [], streams: DigestStreams = everything
) throws -> FileDigests {
    let pipeline = try DigestPipeline(streams)
    pipeline.reset(size: Int64(bytes.count), layout: tensorOffset.map { TensorLayout(dataOffset: $0) })
    bytes.withUnsafeBytes { all in
        var start = 0
        for cut in cuts + [bytes.count] where cut > start && cut <= bytes.count {
            pipeline.update(UnsafeRawBufferPointer(rebasing: all[start..<cut]))
            start = cut
        }
    }
    return pipeline.finish()
}

@Suite struct DigestVectorTests {
    @Test func theNoiseIsThatOfTheVectors() throws {
        let checks = try #require(try Vectors.load()["prng_check"]?.object)
        #expect(checks.count == 3)
        for (key, value) in checks.members {
            let seed = try #require(
                key.split(whereSeparator: { !$0.isNumber }).compactMap { UInt64($0) }.dropFirst().first)
            #expect(Hex.encode(Vectors.noise(seed: seed, count: 16)) == value.string)
        }
    }

    @Test func everyCase() throws {
        let cases = try Vectors.cases()
        #expect(cases.count == 24)
        for item in cases {
            let found = try digests(item.bytes, tensorOffset: item.tensorOffset)
            let expect = item.expect
            #expect(found.size == expect["size"]?.int, "\(item.id)")
            #expect(found.text(.sha256) == expect["sha256"]?.string, "\(item.id)")
            #expect(found.text(.sha256)?.uppercased() == expect["civitai"]?["SHA256"]?.string, "\(item.id)")
            #expect(found.text(.autoV1) == expect["civitai"]?["AutoV1"]?.string, "\(item.id)")
            #expect(found.text(.autoV2) == expect["civitai"]?["AutoV2"]?.string, "\(item.id)")
            #expect(found.text(.autoV3) == expect["civitai"]?["AutoV3_site"]?.string, "\(item.id)")
            #expect(
                found.afterHeaderSHA256.map { Hex.encode($0, uppercase: true) }
                    == expect["civitai"]?["AutoV3_scanner"]?.string, "\(item.id)")
            #expect(found.text(.crc32) == expect["crc32_standard"]?.string, "\(item.id)")
            #expect(found.text(.crc32Civitai) == expect["civitai"]?["CRC32"]?.string, "\(item.id)")
            #expect(found.text(.a1111Legacy) == expect["a1111_legacy_model_hash"]?.string, "\(item.id)")
            #expect(found.text(.gitSHA1) == expect["git_blob_sha1"]?.string, "\(item.id)")
            #expect((found.text(.tensorSHA256) == nil) == (item.tensorOffset == nil), "\(item.id)")
            if let tensors = expect["tensor_sha256"]?.string {
                #expect(found.text(.tensorSHA256) == tensors, "\(item.id)")
            }
        }
    }

    @Test func tensorsAreWhatFollowsTheHeader() throws {
        for item in try Vectors.cases() {
            guard let offset = item.tensorOffset else { continue }
            let wanted = try MessageDigest.sha256(of: Array(item.bytes[Int(offset)...]))
            #expect(try digests(item.bytes, tensorOffset: offset).tensorSHA256 == wanted, "\(item.id)")
        }
    }

    /// The digests do not depend on how the bytes are cut into blocks.
    @Test func blocksMayEndAnywhere() throws {
        let edges = [8, 64, 0x100000, 0x110000, 0x200000]
        for item in try Vectors.cases() where item.bytes.count > 8 && item.bytes.count < 0x400000 {
            let whole = try digests(item.bytes, tensorOffset: item.tensorOffset)
            var cuts: [[Int]] = edges.flatMap { edge in (-2...2).map { [edge + $0] } }
            cuts += (-1...1).map { shift in edges.map { $0 + shift } }
            if let offset = item.tensorOffset { cuts += (-1...1).map { [Int(offset) + $0] } }
            cuts.append(Array(stride(from: 9, to: item.bytes.count, by: 65_521)))
            for cut in cuts {
                #expect(
                    try digests(item.bytes, tensorOffset: item.tensorOffset, cuts: cut) == whole, "\(item.id) \(cut)")
            }
        }
    }

    @Test func blocksOfOneByte() throws {
        for item in try Vectors.cases() where item.bytes.count <= 2049 {
            let whole = try digests(item.bytes, tensorOffset: item.tensorOffset)
            let cuts = Array(1..<max(2, item.bytes.count))
            #expect(try digests(item.bytes, tensorOffset: item.tensorOffset, cuts: cuts) == whole, "\(item.id)")
        }
    }

    @Test func onlyWhatWasAskedFor() throws {
        let item = try #require(try Vectors.cases().first { $0.id == "st-3MiB-nometa" })
        let all = try digests(item.bytes, tensorOffset: item.tensorOffset)
        for algorithm in HashAlgorithm.allCases {
            let found = try digests(
                item.bytes, tensorOffset: item.tensorOffset, streams: DigestStreams(for: [algorithm]))
            #expect(found.text(algorithm) == all.text(algorithm), "\(algorithm)")
            #expect(found.text(algorithm) != nil, "\(algorithm)")
            let given = HashAlgorithm.allCases.filter { found.text($0) != nil }
            let same: Set<HashAlgorithm> =
                switch algorithm {
                case .sha256, .autoV2: [.sha256, .autoV2]
                case .autoV1, .a1111Legacy: [.autoV1, .a1111Legacy]
                case .crc32, .crc32Civitai: [.crc32, .crc32Civitai]
                case .blake3, .invokeAI: [.blake3, .invokeAI]
                default: [algorithm]
                }
            #expect(Set(given) == same, "\(algorithm)")
        }
    }

    /// A header that Civitai does not skip gives two different digests of one file.
    @Test func civitaiDoesNotSkipALongHeader() throws {
        let item = try #require(try Vectors.cases().first { $0.id == "st-header-16MiB" })
        let found = try digests(item.bytes, tensorOffset: item.tensorOffset)
        #expect(found.tensorSHA256 != found.afterHeaderSHA256)
        #expect(found.text(.autoV3) == item.expect["civitai"]?["AutoV3_site"]?.string)
        #expect(found.tensorSHA256 == (try MessageDigest.sha256(of: Array(item.bytes.suffix(58)))))
    }

    @Test func aPipelineForgetsTheFileBefore() throws {
        let pipeline = try DigestPipeline(everything)
        for item in try Vectors.cases() where item.bytes.count < 0x300000 {
            pipeline.reset(size: Int64(item.bytes.count), layout: item.layout)
            item.bytes.withUnsafeBytes { pipeline.update($0) }
            #expect(pipeline.finish() == (try digests(item.bytes, tensorOffset: item.tensorOffset)), "\(item.id)")
        }
    }

    @Test func gitNamesOfTheHub() throws {
        let hub = try #require(try Vectors.load()["hf_lfs"])
        let payload = try #require(Vectors.make(hub["payload"] ?? .null))
        #expect(
            try digests(payload, tensorOffset: nil).text(.sha256)
                == hub["lfs_oid_sha256 (ETag / X-Linked-Etag)"]?.string)
        #expect(
            try digests(payload, tensorOffset: nil).text(.gitSHA1)
                == hub["git_oid_if_it_were_a_normal_file (ETag of a non-LFS file)"]?.string)
        let pointer = Array(try #require(hub["pointer_text"]?.string).utf8)
        #expect(
            try digests(pointer, tensorOffset: nil).text(.gitSHA1)
                == hub["git_oid_of_pointer (RepoFile.oid / blob_id)"]?.string)
    }
}

@Suite struct HashAlgorithmTests {
    @Test func names() {
        #expect(HashAlgorithm.usual.allSatisfy { HashAlgorithm.allCases.contains($0) })
        #expect(HashAlgorithm(rawValue: "tensor_sha256") == .tensorSHA256)
        #expect(HashAlgorithm(rawValue: "SHA256") == nil)
    }

    @Test(arguments: [
        ("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", true), ("E3B0C442", true),
        ("E3B0C44298", true), ("e3b0c44298fc", true), ("AF1349B9F5F9", true), ("00000000", true),
        ("0000000000000000000000000000000000000000000000000000000000000000", true), ("", true), ("1234567", true),
        ("e3b0c443", false), ("b94d27b9934d", false), ("00000001", false),
    ])
    func digestsOfNothing(text: String, wanted: Bool) { #expect(BogusDigest.contains(text) == wanted) }
}
