import Testing

@testable import ShelfCivitai

/// What people paste.
struct ReferenceTests {
    typealias Row = (text: String, wanted: CivitaiReference?)

    static let sha = "b94d27b9934d3e08a52e52d7da7dabfac484efe37a5380ee9088f7ace2efcde9"

    static let rows: [Row] = [
        ("https://civitai.com/models/123", CivitaiReference(modelID: 123)),
        ("  <https://civitai.com/models/123/>  ", CivitaiReference(modelID: 123)),
        ("civitai.com/models/123/some-slug", CivitaiReference(modelID: 123)),
        ("//civitai.com/models/123", CivitaiReference(modelID: 123)),
        ("http://www.civitai.com/models/123?foo=bar#comments", CivitaiReference(modelID: 123)),
        ("HTTPS://CIVITAI.COM/models/123", CivitaiReference(modelID: 123)),
        ("https://civitai.com:443/models/123", CivitaiReference(modelID: 123)),
        ("https://civitai.com/models/123/модель-девушки?modelVersionId=456", .init(modelID: 123, versionID: 456)),
        ("https://civitai.com/models/123/%D0%BC%D0%BE?modelVersionId=456", .init(modelID: 123, versionID: 456)),
        ("https://civitai.com/models/123?modelVersionId=abc", CivitaiReference(modelID: 123)),
        ("https://civitai.com/en/models/123/slug?modelVersionId=456", .init(modelID: 123, versionID: 456)),
        ("https://civitai.com/models/123/reviews?modelVersionId=456", .init(modelID: 123, versionID: 456)),
        ("https://civitai.com/models/123/model-versions/456/edit", .init(modelID: 123, versionID: 456)),
        ("https://civitai.com/models/123/wizard?modelVersionId=456&step=2", .init(modelID: 123, versionID: 456)),
        ("https://civitai.com/models/123@456", .init(modelID: 123, versionID: 456)),
        ("https://civitai.com/model-versions/456", CivitaiReference(versionID: 456)),
        ("https://civitai.com/models/license/456", CivitaiReference(versionID: 456)),
        ("https://civitai.red/models/123", CivitaiReference(modelID: 123)),
        ("https://www.civitai.red/models/123", CivitaiReference(modelID: 123)),
        ("https://civitaired.com/models/123", CivitaiReference(modelID: 123)),
        ("https://civitai.green/models/123", CivitaiReference(modelID: 123)),
        ("https://civitai.blue/models/123", CivitaiReference(modelID: 123)),
        ("https://civitai.com/api/download/models/456", CivitaiReference(versionID: 456)),
        ("https://civitai.com/api/download/models/456?type=Model&fileId=9&token=abc", .init(versionID: 456, fileID: 9)),
        ("https://civitai.com/api/download/models/123@456", .init(modelID: 123, versionID: 456)),
        ("https://api.civitai.com/download/models/456", CivitaiReference(versionID: 456)),
        (
            "https://civitai.com/api/download/training-data/456",
            CivitaiReference(versionID: 456, file: FileWish(type: "Training Data"))
        ),
        ("https://civitai.com/api/run/456", CivitaiReference(versionID: 456)),
        ("https://civitai.com/api/v1/models/123", CivitaiReference(modelID: 123)),
        ("https://civitai.com/api/v1/models?ids=123", CivitaiReference(modelID: 123)),
        ("https://civitai.com/api/v1/models?modelVersionIds=456", CivitaiReference(versionID: 456)),
        ("https://civitai.com/api/v1/model-versions/456", CivitaiReference(versionID: 456)),
        ("https://civitai.com/api/v1/model-versions/mini/456?modelFileId=9", .init(versionID: 456, fileID: 9)),
        ("https://civitai.com/api/v1/model-versions/by-hash/B94D27B993", CivitaiReference(hash: "b94d27b993")),
        ("https://civitai.com/api/v1/model-files/9/tensor-metadata", CivitaiReference(fileID: 9)),
        ("https://civitai.com/images/77?postId=3", CivitaiReference(imageID: 77)),
        ("https://civitai.com/gallery/77", CivitaiReference(imageID: 77)),
        ("https://image.civitai.com/xG1/0c1d/width=450/77.jpeg", CivitaiReference(imageID: 77)),
        ("https://image.civitai.com/xG1/0c1d/width=450/0c1d-22.jpeg", nil),
        ("https://civitai.com/posts/88", CivitaiReference(postID: 88)),
        (
            "https://civitai.com/login?returnUrl=%2Fmodels%2F123%3FmodelVersionId%3D456",
            CivitaiReference(modelID: 123, versionID: 456)
        ),
        (
            "https://auth.civitai.com/login?returnUrl=https%3A%2F%2Fcivitai.com%2Fmodel-versions%2F456",
            CivitaiReference(versionID: 456)
        ),
        ("https://civitai.com/login?returnUrl=https%3A%2F%2Fother.example%2Fmodels%2F1", nil),
        ("urn:air:sdxl:lora:civitai:123@456", .init(modelID: 123, versionID: 456)),
        ("URN:AIR:SDXL:LORA:CIVITAI:123@456", .init(modelID: 123, versionID: 456)),
        ("urn:air:sd1:checkpoint:civitai:123@456+9.safetensors", .init(modelID: 123, versionID: 456, fileID: 9)),
        ("urn:air:sd1:checkpoint:civitai:123@456.safetensors", .init(modelID: 123, versionID: 456)),
        ("air:sd1:lora:civitai:123", CivitaiReference(modelID: 123)),
        ("sdxl:lora:civitai:123@456", .init(modelID: 123, versionID: 456)),
        ("civitai:123@456", .init(modelID: 123, versionID: 456)),
        ("civitai: 123 @ 456", .init(modelID: 123, versionID: 456)),
        ("Civitai: 123", CivitaiReference(modelID: 123)),
        ("urn:air:sdxl:lora:huggingface:org/name@main", nil),
        ("foo:bar", nil),
        ("model:123", CivitaiReference(modelID: 123)),
        ("Version: 456", CivitaiReference(versionID: 456)),
        ("model:0", nil),
        ("123@456", .init(modelID: 123, versionID: 456)),
        ("123", CivitaiReference(number: 123)),
        ("99999999999", nil),
        ("12345678", CivitaiReference(hash: "12345678", number: 12_345_678)),
        ("9999999999", CivitaiReference(hash: "9999999999")),
        (sha.uppercased(), CivitaiReference(hash: sha)),
        ("B94D27B9", CivitaiReference(hash: "b94d27b9")),
        ("B94D27B993", CivitaiReference(hash: "b94d27b993")),
        ("B94D27B9934D", CivitaiReference(hash: "b94d27b9934d")),
        ("AutoV2: B94D27B993", CivitaiReference(hash: "b94d27b993")),
        ("B94D27B99", nil),
        ("HTTPS://CIVITAI.COM/MODELS/123?MODELVERSIONID=456", .init(modelID: 123, versionID: 456)),
        ("https://civitai.com./models/123", CivitaiReference(modelID: 123)),
        ("(https://civitai.com/models/123),", CivitaiReference(modelID: 123)),
        ("https://civitai.com/models/123.", CivitaiReference(modelID: 123)),
        ("[a name](https://civitai.com/models/123?modelVersionId=456)", .init(modelID: 123, versionID: 456)),
        (#"https://civitai.com/models/123\?modelVersionId\=456"#, .init(modelID: 123, versionID: 456)),
        (#"https://civitai.com\@other.example/models/123"#, nil),
        (
            "https://civitai.com/api/download/models/456?type=Pruned%20Model&format=SafeTensor&size=full&fp=fp16",
            .init(
                versionID: 456,
                file: FileWish(type: "Pruned Model", format: "SafeTensor", size: "full", precision: "fp16"))
        ),
        (
            "https://civitai.com/api/download/models/456?quantType=Q4_K_M&type=",
            .init(versionID: 456, file: FileWish(quantization: "Q4_K_M"))
        ),
        ("https://civitai.com@other.example/models/123", nil),
        ("https://civitai.com.other.example/models/123", nil),
        ("https://other.example/models/123?x=https://civitai.com/models/5", nil),
        ("ftp://civitai.com/models/123", nil),
        ("https://civitai.com/user/somebody", nil),
        ("https://civitai.com/models/abc", nil),
        ("https://civitai.com/models/99999999999999999999", nil),
        ("https://civitai.com/models/-5", nil),
        ("https://civitai.com", nil),
        ("models/LoRA/x.safetensors", nil),
        ("", nil),
        ("   ", nil),
    ]

    @Test(arguments: rows) func readsEveryForm(row: Row) {
        #expect(CivitaiReference.parse(row.text) == row.wanted, "\(row.text)")
    }

    @Test func keepsNoToken() throws {
        let text = "https://civitai.com/api/download/models/456?token=0123456789abcdef0123456789abcdef"
        let reference = try #require(CivitaiReference.parse(text))
        #expect(!"\(reference)".contains("0123456789"))
        #expect(HTTPURL(text)?.description.hasSuffix("?token=***") == true)
    }

    @Test func anyTextIsSurvived() {
        var random = Generator(state: 42)
        let pieces = [
            "https://", "civitai.com", "/models/", "123", "@", ":", "urn:air:", "?modelVersionId=", "%", "%2", "%GG",
            "\u{301}", "é", "/", "+", ".", "#", "&", "=", " ", "\u{0}", "👩‍👩‍👧", "returnUrl=", "login", "civitai",
            "api/download/models/", "\u{feff}", "\n", "abcdef", "9223372036854775807", "-1", "[", "]", "\\",
        ]
        for _ in 0..<20_000 {
            let text = (0..<Int.random(in: 0...9, using: &random)).map { _ in
                pieces.randomElement(using: &random) ?? ""
            }.joined()
            _ = CivitaiReference.parse(text)
            _ = PastedText.queries(in: text)
            _ = UnusablePage.words(text)
            _ = HTTPURL(text)
            _ = HTTPURL("https://civitai.com/a/b")?.resolving(text)
            _ = Redaction.text(text)
        }
        for row in Self.rows {
            let bytes = Array(row.text.utf8)
            for length in 0...bytes.count {
                _ = CivitaiReference.parse(String(decoding: bytes[..<length], as: UTF8.self))
            }
            for _ in 0..<20 where !bytes.isEmpty {
                var changed = bytes
                changed[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
                _ = CivitaiReference.parse(String(decoding: changed, as: UTF8.self))
            }
        }
        #expect(CivitaiReference.parse(String(repeating: "https://civitai.com/", count: 100_000)) == nil)
    }
}

/// Random numbers that are the same in every run.
struct Generator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}
