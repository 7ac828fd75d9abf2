import ShelfBase
import ShelfFormats
import Testing

private func sniff(_ bytes: [UInt8], _ name: String, tail: [UInt8]? = nil, size: Int64? = nil) -> Sniff {
    FormatSniffer.sniff(
        head: bytes, tail: tail ?? bytes, size: size ?? Int64(bytes.count), name: FilePath(name))
}

@Suite struct SnifferTests {
    @Test(arguments: [
        ("GGUF\u{3}\u{0}\u{0}\u{0}", "x.gguf", FileFormat.gguf, nil),
        ("GGML\u{3}", "x.gguf", .ggml, ErrorCode.unsupportedFormat),
        ("tjgg\u{3}", "x.bin", .ggml, .unsupportedFormat),
        ("<!DOCTYPE html><html>", "x.safetensors", .html, .corruptFile),
        ("\n  <HTML lang=en>", "x.ckpt", .html, .corruptFile),
        ("<?xml version=\"1.0\"?><Error><Code>AccessDenied</Code>", "x.safetensors", .xml, .corruptFile),
        ("{\"error\":\"Unauthorized\"}", "x.safetensors", .json, .corruptFile),
        ("{\"message\": \"not found\"}", "x.pt", .json, .corruptFile),
        ("Entry not found", "x.safetensors", .text, .corruptFile),
        ("Invalid username or password.", "x.bin", .text, .corruptFile),
        ("BZh91AY&SY", "x.safetensors", .archive, .unsupportedFormat),
        ("Rar!\u{1a}\u{7}\u{0}", "x.pt", .archive, .unsupportedFormat),
        ("(dp0\nS'a'\n", "x.pkl", .pickle, nil),
        ("(S'id'\nios\nsystem\n.", "x.safetensors", .pickle, .unsafeFile),
        ("cposix\nsystem\n(S'id'\ntR.", "x.safetensors", .pickle, .unsafeFile),
        ("ctorch._utils\n_rebuild_tensor_v2\n", "x.pt", .pickle, nil),
        ("", "x.safetensors", .empty, .corruptFile),
        ("\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}", "x.safetensors", .unknown, .corruptFile),
        ("hello, this is no model", "x.bin", .unknown, .unsupportedFormat),
        ("abcdTFL3xxxx", "x.tflite", .tflite, nil),
        ("ptrt\u{1}\u{0}", "x.engine", .tensorrt, nil),
        ("whatever", "x.trt", .tensorrt, nil),
    ])
    func texts(_ text: String, name: String, format: FileFormat, code: ErrorCode?) {
        let found = sniff(Array(text.utf8), name)
        #expect(found.format == format, "\(text)")
        #expect(found.problem?.code == code, "\(text)")
    }

    @Test(arguments: [
        ([0x80, 0x02, 0x63] as [UInt8], "x.ckpt", FileFormat.pickle, nil),
        ([0x80, 0x04, 0x95], "x.safetensors", .pickle, ErrorCode.unsafeFile),
        ([0x93] + Array("NUMPY".utf8) + [1, 0], "x.npy", .npy, nil),
        ([0x89] + Array("HDF\r\n\u{1a}\n".utf8), "x.h5", .hdf5, nil),
        ([0x89] + Array("PNG\r\n\u{1a}\n".utf8), "x.safetensors", .image, .unsupportedFormat),
        ([0x1f, 0x8b, 8, 0], "x.bin", .archive, .unsupportedFormat),
        ([0x28, 0xb5, 0x2f, 0xfd], "x.pt", .archive, .unsupportedFormat),
        ([UInt8](repeating: 0x20, count: 257) + Array("ustar\u{0}".utf8), "x.pt", .archive, .unsupportedFormat),
        ([0x08, 0x08, 0x12, 0x02, 0x61, 0x62, 0x3a, 0x03, 1, 2, 3], "x.onnx", .onnx, nil),
        ([0x08, 0x08, 0x12, 0x7f, 0x61], "x.onnx", .unknown, .unsupportedFormat),
        ([0x08, 0x63, 0x3a, 0x01, 0x01], "x.onnx", .unknown, .unsupportedFormat),
    ])
    func marks(_ bytes: [UInt8], name: String, format: FileFormat, code: ErrorCode?) {
        let found = sniff(bytes, name)
        #expect(found.format == format)
        #expect(found.problem?.code == code)
    }

    /// Headers of these lengths start with the marks of a pickle, of gzip and of bzip2.
    @Test(arguments: [0x0280, 0x0380, 0x0480, 0x0580, 0x8b1f, 0x68_5a42])
    func lengthsThatLookLikeMarks(_ length: Int) {
        let bytes = safetensors("{}" + String(repeating: " ", count: length - 2))
        #expect(sniff(Array(bytes.prefix(65536)), "x.safetensors", size: Int64(bytes.count)).format == .safetensors)
        let header = HeaderReader.read(head: bytes, size: Int64(bytes.count), name: FilePath("x.safetensors"))
        #expect(header.problems.isEmpty)
    }

    @Test func gitPointer() throws {
        let text = try #require(Vectors.load("hashes-and-files.json")["hf_lfs"]?["pointer_text"]?.string)
        let found = sniff(Array(text.utf8), "x.safetensors")
        #expect(found.format == .lfsPointer)
        #expect(
            found.problem?.message.contains("84e72d87f4eb6549d751d04cb2adb76dc272b822091c805af10e169eb73435de") == true)
        #expect(found.problem?.message.contains("4096 bytes") == true)
        #expect(
            sniff(Array("version https://git-lfs.github.com/spec/v1\nsize -3\noid sha256:zz".utf8), "x").problem != nil)
    }

    @Test func samplesOfTheVectors() throws {
        let document = try Vectors.load("hashes-and-files.json")
        for item in document["pickle_samples"]?.array ?? [] {
            let id = try #require(item["id"]?.string)
            let bytes = try #require(Base64.decode(item["base64"]?.string ?? ""))
            let wanted: FileFormat = id.hasSuffix(".pt") || id.hasSuffix(".zip") ? .torch : .pickle
            let format = sniff(bytes, id).format
            #expect(format == wanted || id.contains("odd-ext") && format == .zip, "\(id)")
            if format == .pickle || format == .torch {
                #expect(sniff(bytes, "x.safetensors").problem?.code == .unsafeFile, "\(id)")
            }
        }
        for item in document["gguf_cases"]?.array ?? [] where item["id"]?.string != "gguf-badmagic" {
            let bytes = try #require(Base64.decode(item["base64"]?.string ?? ""))
            #expect(sniff(bytes, "x.gguf").format == .gguf)
            #expect(sniff(bytes, "x.safetensors").problem?.code == .corruptFile)
        }
    }

    @Test func zipArchives() {
        func entry(_ name: String) -> [UInt8] {
            [0x50, 0x4b, 3, 4] + [UInt8](repeating: 0, count: 22) + [UInt8(name.utf8.count), 0, 0, 0] + Array(name.utf8)
        }
        #expect(sniff(entry("archive/data.pkl"), "x.pt").format == .torch)
        #expect(sniff(entry("model_index.json"), "x.dduf").format == .dduf)
        #expect(sniff(entry("a.npy") + entry("b.npy"), "x.npz").format == .npz)
        #expect(sniff(entry("readme.txt"), "x.pt").problem?.code == .unsupportedFormat)
        #expect(sniff(entry("x/data.pkl"), "x.sft").problem?.code == .unsafeFile)
        #expect(sniff(entry("readme.txt"), "x.safetensors").problem?.code == .unsafeFile)
        #expect(sniff([0x50, 0x4b, 3, 4], "x.pt").format == .zip)
        // A name that claims to be longer than the file.
        #expect(sniff([0x50, 0x4b, 3, 4] + [UInt8](repeating: 0xff, count: 26), "x.pt").format == .zip)
    }

    @Test func safetensorsUnderAnotherName() {
        let bytes = safetensors("{}")
        #expect(sniff(bytes, "x.safetensors").note == nil)
        #expect(sniff(bytes, "x.ckpt").format == .safetensors)
        #expect(sniff(bytes, "x.ckpt").note != nil)
        #expect(sniff(bytes, "x.ckpt").problem == nil)
        #expect(sniff(bytes, "x.gguf").problem?.code == .corruptFile)
    }

    @Test func filesOnDisk() throws {
        let path = FilePath(#filePath)
        let header = HeaderReader.read(try ReadableFile(path))
        #expect(header.format == .unknown)
        #expect(header.isFatal)
        #expect(header.problems.first?.path == path)
    }
}

@Suite struct ModelFileExtensionTests {
    @Test(arguments: [
        "a.safetensors", "a.SafeTensors", "dir/a.CKPT", "a.vae.pt", "a.bin", "a.gguf", "a.sft", "a.pt2", "a.onnx",
        "a.npz",
        ".hidden/a.pth", "a.tar.pkl", "\u{e9}.dduf",
    ])
    func models(_ name: String) {
        #expect(ModelFileExtensions.isModel(FilePath(name)))
        #expect(!ModelFileExtensions.isPartial(FilePath(name)))
    }

    @Test(arguments: [
        "a", "a.", "safetensors", ".safetensors", ".a.safetensors", "a.safetensors.json", "a.civitai.info", "a.yaml",
        "a.preview.png", "a.safetensors/", "a.txt", "a.zip",
    ])
    func others(_ name: String) { #expect(!ModelFileExtensions.isModel(FilePath(name))) }

    @Test(arguments: [
        "part", "partial", "crdownload", "download", "tmp", "aria2", "!qb", "opdownload", "downloading", "smdownload",
        "incomplete", "PART", "!qB",
    ])
    func partial(_ name: String) {
        #expect(ModelFileExtensions.isPartial(FilePath("x.safetensors.\(name)")))
        #expect(!ModelFileExtensions.isModel(FilePath("x.safetensors.\(name)")))
    }
}
