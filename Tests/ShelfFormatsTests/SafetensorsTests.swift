import ShelfBase
import Testing

@testable import ShelfFormats

private func parse(_ bytes: [UInt8]) throws(ShelfError) -> SafetensorsHeader {
    try SafetensorsHeader.parse(bytes, fileSize: Int64(bytes.count))
}

private func refusal(_ bytes: [UInt8]) -> ShelfError? {
    do throws(ShelfError) {
        _ = try parse(bytes)
        return nil
    } catch { return error }
}

@Suite struct SafetensorsTests {
    /// What we read although the reference refuses it, and the other way round.
    private static let lenient: Set<String> = ["unknown-dtype", "metadata-non-string", "metadata-nested"]
    private static let strict: Set<String> = ["duplicate-tensor-key"]

    @Test func referenceReaderCases() throws {
        let cases = try Vectors.load("hashes-and-files.json")["safetensors_reader_cases"]?.array ?? []
        #expect(cases.count >= 30)
        for item in cases {
            let id = try #require(item["id"]?.string)
            let bytes = try #require(Base64.decode(item["base64"]?.string ?? ""))
            let accepted = item["reference_reader_0.8.0"]?.string?.hasPrefix("accepted") ?? false
            let wanted = accepted && !Self.strict.contains(id) || Self.lenient.contains(id)
            let error = refusal(bytes)
            #expect((error == nil) == wanted, "\(id): \(error?.message ?? "accepted")")
            if let error { #expect(error.code == .corruptFile, "\(id)") }
            let header = HeaderReader.read(head: bytes, size: Int64(bytes.count), name: FilePath("x.safetensors"))
            #expect(header.isFatal == !wanted, "\(id)")
            #expect(header.problems.isEmpty == (wanted && !Self.lenient.contains(id)), "\(id)")
        }
    }

    @Test func typesOfTheVectors() throws {
        let types = try #require(Vectors.load("hashes-and-files.json")["safetensors_dtypes"]?.object)
        #expect(types.keys == TensorType.table.map(\.name))
        for (name, value) in types.members {
            let type = TensorType(name: name)
            #expect(type.name == name)
            #expect(type.bits.map { Int64($0) } == value["bits"]?.int)
            let size = try #require(value["8_elements_take_bytes"]?.int)
            let bytes = safetensors(
                #"{"t":{"dtype":"\#(name)","shape":[8],"data_offsets":[0,\#(size)]}}"#, data: Int(size))
            #expect(try parse(bytes).tensors.first?.type == type)
        }
        #expect(TensorType(name: "f16") == .unknown("f16"))
    }

    @Test(arguments: [
        (#"{"t":{"dtype":"U8","shape":[1.0],"data_offsets":[0,1]}}"#, 1),
        (#"{"t":{"dtype":"U8","shape":[1e0],"data_offsets":[0,1]}}"#, 1),
        (#"{"t":{"dtype":"U8","shape":[01],"data_offsets":[0,1]}}"#, 1),
        (#"{"t":{"dtype":"U8","shape":["1"],"data_offsets":[0,1]}}"#, 1),
        (#"{"t":{"dtype":"U8","shape":[18446744073709551616],"data_offsets":[0,1]}}"#, 1),
        (#"{"t":{"dtype":"U8","shape":1,"data_offsets":[0,1]}}"#, 1),
        (#"{"t":{"dtype":5,"shape":[1],"data_offsets":[0,1]}}"#, 1),
        (#"{"t":{"dtype":"U8","shape":[1],"data_offsets":[0]}}"#, 1),
        (#"{"t":{"dtype":"U8","shape":[1],"data_offsets":[0,1,2]}}"#, 1),
        (#"{"t":{"dtype":"U8","shape":[1],"data_offsets":[0,18446744073709551615]}}"#, 1),
        (#"{"t":{"dtype":"U8","shape":[1],"shape":[1],"data_offsets":[0,1]}}"#, 1),
        (#"{"t":{"dtype":"U8","data_offsets":[0,1]}}"#, 1),
        (#"{"t":[]}"#, 0),
        (#"{"t":null}"#, 0),
        ("[]", 0),
        ("null", 0),
        ("\u{feff}{}", 0),
        ("{} \u{0}", 0),
        ("{,}", 0),
        (#"{"__metadata__":{"a":"1","a":"2"}}"#, 0),
        (#"{"__metadata__":{"a":"\ud800"}}"#, 0),
        (#"{"__metadata__":null,"__metadata__":null}"#, 0),
        (#"{"t":{"dtype":"U8","shape":[1],"data_offsets":[0,1],"x":1e400}}"#, 1),
        (
            #"{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"b":{"dtype":"U8","shape":[2],"data_offsets":[1,3]}}"#,
            3
        ),
    ])
    func refuses(_ json: String, data: Int) {
        #expect(refusal(safetensors(json, data: data))?.code == .corruptFile, "\(json)")
    }

    @Test(arguments: [
        #"{"__metadata__":null}"#, #"{"__metadata__":{}}"#, #" {"__metadata__":{"a":"b"}} "#,
        #"{"":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}}"#,
        #"{"a":{"dtype":"F32","shape":[0,18446744073709551615],"data_offsets":[0,0]}}"#,
        #"{"a":{"x":[[{"y":1}]],"dtype":"F32","shape":[0],"data_offsets":[0,0]}}"#,
    ])
    func accepts(_ json: String) { #expect(refusal(safetensors(json)) == nil, "\(json)") }

    @Test func namesAreBytes() throws {
        // The same letter in two normal forms: equal texts, different tensors.
        let bytes = safetensors(
            "{\"e\u{301}\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]},"
                + "\"\u{e9}\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[1,2]}}", data: 2)
        #expect(try parse(bytes).tensors.count == 2)
        let escaped = safetensors(
            #"{"\u0061":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"a":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}}"#,
            data: 2)
        #expect(refusal(escaped)?.message.contains("\"a\" stands twice") == true)
    }

    @Test func orderOfTheFileIsKept() throws {
        let bytes = safetensors(
            #"{"b":{"dtype":"U8","shape":[1],"data_offsets":[1,2]},"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}"#,
            data: 2)
        let header = try parse(bytes)
        #expect(header.tensors.map(\.displayName) == ["b", "a"])
        #expect(header.dataOffset == UInt64(bytes.count - 2))
        #expect(header.expectedFileSize == UInt64(bytes.count))
    }

    @Test func limits() {
        let deep = String(repeating: "[", count: 9) + String(repeating: "]", count: 9)
        #expect(refusal(safetensors("{\"t\":{\"x\":\(deep)}}"))?.code == .tooLarge)
        let long = String(repeating: "n", count: 4097)
        #expect(
            refusal(safetensors("{\"\(long)\":{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[0,0]}}"))?.code
                == .tooLarge)
        let rank = Array(repeating: "1", count: 17).joined(separator: ",")
        #expect(
            refusal(safetensors("{\"t\":{\"dtype\":\"U8\",\"shape\":[\(rank)],\"data_offsets\":[0,1]}}", data: 1))?.code
                == .tooLarge)
        var bytes = safetensors("{}")
        bytes.replaceSubrange(0..<8, with: [0x01, 0xe1, 0xf5, 0x05, 0, 0, 0, 0])
        #expect(refusal(bytes)?.message.contains("header too large") == true)
        bytes.replaceSubrange(0..<8, with: [UInt8](repeating: 0xff, count: 8))
        #expect(refusal(bytes)?.code == .corruptFile)
    }

    @Test func cutOffFilesSayWhatIsMissing() throws {
        let bytes = safetensors(#"{"t":{"dtype":"U8","shape":[100],"data_offsets":[0,100]}}"#, data: 100)
        let short = Array(bytes.dropLast(40))
        let error = try #require(refusal(short))
        #expect(error.message.contains("have \(short.count) of \(bytes.count) bytes"))
        let header = HeaderReader.read(head: short, size: Int64(short.count), name: FilePath("x.safetensors"))
        #expect(header.isIncomplete && header.isFatal)
        #expect(header.expectedSize == UInt64(bytes.count))
        #expect(header.tensors.count == 1)
        let stub = HeaderReader.read(head: Array(bytes.prefix(20)), size: 20, name: FilePath("x.safetensors"))
        #expect(stub.isIncomplete && stub.expectedSize == nil)
        let long = HeaderReader.read(
            head: bytes + [0], size: Int64(bytes.count + 1), name: FilePath("x.safetensors"))
        #expect(long.isFatal && !long.isIncomplete)
    }

    @Test func metadataIsReadLeniently() throws {
        let header = try parse(
            safetensors(
                #"{"__metadata__":{"b":"x","a":1,"c":{"d":[true]},"e":null},"u":{"dtype":"F99","shape":[3],"data_offsets":[0,0]}}"#
            ))
        #expect(header.metadata.map(\.key) == ["b", "a", "c", "e"])
        #expect(header.metadata.map(\.value) == ["x", "1", #"{"d":[true]}"#, "null"])
        #expect(header.nonconformingMetadata)
        #expect(header.problems.map(\.code) == [.corruptFile, .unsupportedFormat])
        #expect(header.tensors[0].type == .unknown("F99"))
    }

    @Test func tooManyTensorsAreRefused() {
        let json = Array(
            ("{"
                + (0...10).map { "\"\($0)\":{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[0,0]}" }.joined(
                    separator: ",")
                + "}").utf8)
        json.withUnsafeBufferPointer { buffer in
            var enough = SafetensorsParser(tensorLimit: 11)
            #expect(throws: Never.self) { try enough.parse(buffer) }
            var few = SafetensorsParser(tensorLimit: 10)
            let error = #expect(throws: ShelfError.self) { try few.parse(buffer) }
            #expect(error?.code == .tooLarge)
        }
    }

    /// The quick reader of common entries and the general one must agree on everything.
    @Test(arguments: [
        #"{"dtype":"U8","shape":[2],"data_offsets":[0,2]}"#,
        #"{ "dtype": "U8", "shape": [ 2 ], "data_offsets": [ 0 , 2 ] }"#,
        #"{"dtype":"U8","shape":[2] ,"data_offsets":[0,2] }"#, #"{"shape":[2],"dtype":"U8","data_offsets":[0,2]}"#,
        #"{"dtype":"\u0055\u0038","shape":[2],"data_offsets":[0,2]}"#,
        "{\n\"dtype\":\"U8\",\t\"shape\":[2],\"data_offsets\":[0,2]\n}",
    ])
    func formsOfAnEntry(_ entry: String) throws {
        let second = entry.replacing("[0,2]", with: "[2,4]").replacing("[ 0 , 2 ]", with: "[2,4]")
        let header = try parse(safetensors("{\"a\":\(entry),\"b\":\(second)}", data: 4))
        #expect(header.tensors.map(\.shape) == [[2], [2]])
        #expect(header.tensors.map(\.type) == [.u8, .u8])
        #expect(!header.hasUnknownFields)
    }

    @Test(arguments: [
        #"{"dtype":"U8","shape":[2,],"data_offsets":[2,4]}"#, #"{"dtype":"U8","shape":[02],"data_offsets":[2,4]}"#,
        #"{"dtype":"U8","shape":[-2],"data_offsets":[2,4]}"#, #"{"dtype":"U8","shape":[2],"data_offsets":[2,4],}"#,
        #"{"dtype":"U8","shape":[2],"data_offsets":[2,4]"#, #"{"dtype":"U8""shape":[2],"data_offsets":[2,4]}"#,
        #"{"dtype":"U8","shape":[2]"data_offsets":[2,4]}"#, #"{"dtype":"U8","shape":[],"data_offsets":[2,]}"#,
        #"{"dtype":"U8","shape":[],"data_offsets":[]}"#,
    ])
    func brokenEntriesAfterAGoodOne(_ entry: String) {
        let bytes = safetensors(
            "{\"a\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[0,2]},\"b\":\(entry)}", data: 4)
        #expect(refusal(bytes)?.code == .corruptFile)
    }
}

/// Deterministic mutations of a valid file: whatever comes, the reader answers and does not trap.
@Suite struct SafetensorsMutationTests {
    private static let valid = safetensors(
        #"{"__metadata__":{"format":"pt","ss_tag_frequency":"{\"10_a\":{\"b\":3}}","e":"\u00e9\ud83d\ude00"},"#
            + #""lora_unet_a.lora_down.weight":{"dtype":"F16","shape":[8,32],"data_offsets":[0,512]},"#
            + #""lora_unet_a.alpha":{"dtype":"F16","shape":[],"data_offsets":[512,514],"x":[1,{"y":null}]},"#
            + #""t":{"dtype":"BF16","shape":[1,1],"data_offsets":[514,516]}}"#, data: 516)

    private static func read(_ bytes: [UInt8]) {
        _ = HeaderReader.read(head: bytes, size: Int64(bytes.count), name: FilePath("x.safetensors"))
        _ = HeaderReader.read(head: bytes, size: Int64.max, name: FilePath("x"))
    }

    @Test func truncations() {
        for count in Self.valid.indices { Self.read(Array(Self.valid.prefix(count))) }
    }

    @Test func flipsAndSplices() {
        var random = LinearGenerator(state: 77)
        let pieces = [
            "{", "}", "[", "]", "\"", "\\u", "\\ud800", "-1", "1e999", "18446744073709551615", ",", ":", "\u{0}",
            "null",
        ]
        for _ in 0..<20_000 {
            var bytes = Self.valid
            for _ in 0..<(1 + random.next(4)) {
                let place = random.next(bytes.count)
                switch random.next(5) {
                case 0: bytes[place] ^= 1 << UInt8(random.next(8))
                case 1: bytes[place] = UInt8(random.next(256))
                case 2: bytes.removeSubrange(place..<min(bytes.count, place + 1 + random.next(20)))
                case 3: bytes.insert(contentsOf: Array(pieces[random.next(pieces.count)].utf8), at: place)
                default:
                    let start = random.next(bytes.count)
                    let end = min(bytes.count, start + random.next(60))
                    bytes.insert(contentsOf: Array(bytes[start..<end]), at: place)
                }
                if bytes.isEmpty { break }
            }
            // Half of them keep a right length, so that the JSON is reached.
            if bytes.count > 8, random.next(2) == 0 {
                let length = max(0, bytes.count - 8 - 516)
                for index in 0..<8 { bytes[index] = UInt8(truncatingIfNeeded: length >> (index * 8)) }
            }
            Self.read(bytes)
        }
    }
}

struct LinearGenerator {
    var state: UInt64

    mutating func next(_ bound: Int) -> Int {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return bound > 0 ? Int((state >> 33) % UInt64(bound)) : 0
    }
}
