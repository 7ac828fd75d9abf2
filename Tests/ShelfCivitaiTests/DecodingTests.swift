import ShelfBase
import Testing

@testable import ShelfCivitai

/// Payloads as the service really sends them.
struct DecodingTests {
    @Test func survivesEverythingButAMissingID() throws {
        let odd = try json(
            """
            {"id":"12","name":null,"type":7,"nsfw":"true","nsfwLevel":"Mature","creator":null,"tags":["a",null,{"name":"b"},3],
             "allowCommercialUse":"{Image,\\"RentCivit\\",NULL}","modelVersions":[null,5,{},{"id":0},
              {"id":3,"trainedWords":null,"files":{"a":1},"images":[null,{"url":"ftp://x"},{"url":"https://image.civitai.com/a/b/width=1/99.jpeg"}]}]}
            """)
        let model = try #require(CivitaiModel(odd))
        #expect(model.id == 12)
        #expect(model.name == nil)
        #expect(model.type == nil)
        #expect(model.nsfw)
        #expect(model.nsfwLevel == 4)
        #expect(model.tags == ["a", "b"])
        #expect(model.license.allowCommercialUse == ["Image", "RentCivit"])
        #expect(model.versions.map(\.id) == [3])
        #expect(model.versions.first?.modelID == 12)
        #expect(model.versions.first?.files == [])
        #expect(model.versions.first?.images.map(\.id) == [99])
        #expect(model.raw == odd)
        for text in ["null", "[]", "{}", #"{"id":null}"#, #"{"id":-1}"#, #"{"id":1.5}"#, #""x""#] {
            #expect(CivitaiModel(try json(text)) == nil)
            #expect(CivitaiVersion(try json(text)) == nil)
            #expect(CivitaiFile(try json(text)) == nil)
        }
    }

    @Test(arguments: [
        (#""{}""#, []), (#""{None}""#, ["None"]), (#""{Image,Sell}""#, ["Image", "Sell"]), (#"["Image"]"#, ["Image"]),
        (#""Sell""#, ["Sell"]), ("null", []), ("5", []), (#""{""#, ["{"]), (#""""#, []),
    ])
    func readsCommercialUseInEveryForm(text: String, wanted: [String]) throws {
        #expect(CivitaiLicense(try json(#"{"allowCommercialUse":\#(text)}"#)).allowCommercialUse == wanted)
    }

    @Test func readsFiles() throws {
        let file = try #require(
            CivitaiFile(
                try json(
                    """
                    {"id":9,"name":"a.safetensors","overrideName":"b.safetensors","sizeKB":2.5,"scannedAt":"2025-12-18T09:16:12.06",
                     "hashes":{"SHA256":"ABCD","autoV3":"b94d27b9934d","CRC32":5,"X":"no hex"},"metadata":{"fp":"fp16","size":null},
                     "downloadUrl":"https://undefined/api/download/models/5"}
                    """)))
        #expect(file.name == "b.safetensors")
        #expect(!file.isPrimary)
        #expect(file.sha256 == "ABCD")
        #expect(file.hashes.count == 2)
        #expect(file.precision == "fp16")
        #expect(file.scannedAt == Timestamp.milliseconds("2025-12-18T09:16:12.060Z"))
        #expect(file.has(hash: "abcd"))
        #expect(file.has(hash: ReferenceTests.sha))
        #expect(!file.has(hash: "abce"))
    }

    @Test func halfAnEmojiCostsNothing() throws {
        let response = HTTPResponse(
            status: 200, body: Array(#"{"id":1,"name":"cut \ud83d","b":"\ud83d\ude00\\ud83d"}"#.utf8))
        guard case .json(let value) = AnswerBody.read(response) else {
            Issue.record("not read")
            return
        }
        #expect(value["name"]?.string == "cut \u{fffd}")
        #expect(value["b"]?.string == "😀\\ud83d")
        #expect(LenientJSON.parse(Array(#"{"id":1,"name":"cut \ud83d"#.utf8)) == nil)
        #expect(LenientJSON.parse([0xef, 0xbb, 0xbf] + Array("{}".utf8)) == .object([:]))
        #expect(
            LenientJSON.parse(Array(#"{"a":""#.utf8) + [0xff, 0x0a] + Array(#""}"#.utf8))?["a"]?.string == "\u{fffd}\n")
        #expect(LenientJSON.parse(Array(#"{"a":"\ud83d\ud83d\ude00\u12"}"#.utf8)) == nil)
    }

    @Test func tellsWhatABodyIs() {
        func read(_ text: String) -> AnswerBody { AnswerBody.read(HTTPResponse(status: 200, body: Array(text.utf8))) }
        #expect(read("  \n") == .empty)
        #expect(read(" <html>") == .html)
        #expect(read("[1") == .other("[1"))
        #expect(read("[1]") == .json(.array([.int(1)])))
    }

    @Test func makesTheRecord() throws {
        let model = try #require(
            CivitaiModel(
                try json(
                    """
                    {"id":1,"name":"M","type":"LORA","description":"<p>d</p>","creator":{"username":"mira"},"tags":["t"],"nsfwLevel":31,
                     "allowNoCredit":true,"allowCommercialUse":"{Image}","allowDerivatives":false,
                     "modelVersions":[{"id":2,"name":"V","baseModel":"Pony","trainedWords":[" a ","","a"],"nsfwLevel":3,
                      "publishedAt":"2026-01-31T12:00:00Z","files":[{"id":5,"primary":true,"hashes":{"SHA256":"AA"}},{"id":6,"hashes":{"SHA256":"BB"}}]}]}
                    """)))
        let version = try #require(model.versions.first)
        let record = CivitaiRecord(status: .found, model: model, version: version, hash: "bb", checkedAt: 0)
        let wanted = try json(
            """
            {"model_id":1,"version_id":2,"file_id":6,"model_name":"M","version_name":"V","type":"LORA","base_model":"Pony",
             "creator":"mira","tags":["t"],"trained_words":["a"],"nsfw_level":3,"description":"<p>d</p>",
             "license":{"allow_no_credit":true,"allow_commercial_use":["Image"],"allow_derivatives":false,"allow_different_license":null},
             "air":"urn:air:sdxl:lora:civitai:1@2","url":"https://civitai.com/models/1?modelVersionId=2",
             "published_at":"2026-01-31T12:00:00.000Z","status":"found","checked_at":"1970-01-01T00:00:00.000Z","source":"civitai"}
            """)
        #expect(.object(record.json()) == wanted)
        #expect(CivitaiRecord(status: .found, model: model, version: version, hash: "cc").file?.id == 5)
        let nothing = CivitaiRecord(status: .notFound).json()
        #expect(nothing.keys == wanted.object?.keys)
        #expect(nothing["status"] == .string("not_found"))
        #expect(nothing["url"] == .null)
    }

    @Test func makesAddressesFromIDs() throws {
        let there = CivitaiAddresses(try CivitaiConfiguration(baseURL: "https://civitai.red/api/v1/"))
        #expect(there.page(modelID: 1, versionID: 2) == "https://civitai.red/models/1?modelVersionId=2")
        #expect(there.download(versionID: 2, fileID: 3).text == "https://civitai.red/api/download/models/2?fileId=3")
        let here = CivitaiAddresses(try CivitaiConfiguration(baseURL: "http://127.0.0.1:8080"))
        #expect(here.page(modelID: 1) == "https://civitai.com/models/1")
        #expect(here.download(versionID: 2).text == "http://127.0.0.1:8080/api/download/models/2")
    }

    @Test func refusesBasesThatAreNotSafe() throws {
        for text in [
            "http://civitai.com", "ftp://x", "", "civitai.com", "https://a@b.example", "http://127.0.0.1.example",
        ] {
            #expect(throws: ShelfError.self) { try CivitaiConfiguration(baseURL: text) }
        }
        for text in ["http://localhost:1", "http://127.1.2.3", "http://[::1]:8000/", "https://civitai.com/"] {
            _ = try CivitaiConfiguration(baseURL: text)
        }
        _ = try CivitaiConfiguration(baseURL: "http://mirror.example", allowsHTTP: true)
    }

    @Test(arguments: [
        ("SD 1.5", "sd1"), ("Illustrious", "sdxl"), ("Flux.1 D", "flux1"), ("Pony V7", "auraflow"), ("pony", "sdxl"),
        ("Something New", "something new"),
    ])
    func knowsEcosystems(name: String, wanted: String) { #expect(Ecosystems.ecosystem(baseModel: name) == wanted) }
}
