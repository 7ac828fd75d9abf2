import Testing

@testable import ShelfCivitai

/// Texts that name several models, and addresses that name none.
struct PastedTextTests {
    @Test func whatAnImageProgramWrites() {
        let text = #"""
            a castle, Model hash: painted on a wall
            Negative prompt: mist
            Steps: 20, Model hash: b0db589c09, Model: small, VAE hash: 735e4c3a44, Lora hashes: "small: a5fb055afb9b, other: 0011aabbccdd", TI hashes: "neg: 66a7279a88dd", Hashes: {"model": "b0db589c09", "lora:small": "A5FB055AFB9B"}, Civitai resources: [{"modelVersionId":22,"modelName":"a, ]b\"}"},{"air":"urn:air:sd1:lora:civitai:1@11"},{"air":"no name"},5], Civitai metadata: {}
            """#
        #expect(
            PastedText.queries(in: text) == [
                "version:22", "urn:air:sd1:lora:civitai:1@11", "b0db589c09", "a5fb055afb9b", "735e4c3a44",
                "0011aabbccdd", "66a7279a88dd",
            ])
    }

    @Test func listsOfTheAPI() {
        #expect(
            PastedText.queries(in: "https://civitai.com/api/v1/models?ids=1,2%2C2&limit=3") == ["model:1", "model:2"])
        #expect(
            PastedText.queries(in: "https://civitai.com/api/v1/models?modelVersionIds=3&modelVersionIds=4")
                == ["version:3", "version:4"])
    }

    @Test(arguments: [
        "", "a castle", "Model hash: nothing", "Hashes: {\"model\": \"b0db589c09\"", "Lora hashes: a5fb055afb9b",
        "the Model hash: b0db589c09", "https://other.example/api/v1/models?ids=1,2", "Civitai resources: {}",
    ])
    func whatIsNoSuchText(_ text: String) {
        #expect(PastedText.queries(in: text).isEmpty)
    }

    @Test func pagesThatNameNoModel() {
        let pages = [
            ("https://civitai.com/user/some_body/models", "--username some_body"),
            ("https://civitai.com/tag/a%20b", "--tag NAME"), ("civitai.com/collections/5", "model's page"),
            ("https://b2.civitai.com/file/x?Authorization=3_x", "download button"),
            ("https://image.civitai.com/x/0c1d-22/width=450/0c1d-22.jpeg", "/images/"),
        ]
        for (text, hint) in pages { #expect(UnusablePage.words(text)?.hint.contains(hint) == true, "\(text)") }
        for text in ["https://other.example/user/x", "x", "", "https://civitai.com/models/x"] {
            #expect(UnusablePage.words(text) == nil, "\(text)")
        }
    }

    @Test func theFileThatAWishFits() throws {
        let files = try [
            #"{"id":1,"type":"VAE","metadata":{"format":"SafeTensor","size":"full"}}"#,
            #"{"id":2,"type":"Model","metadata":{"format":"SafeTensor","size":"full","fp":"fp32"}}"#,
            #"{"id":3,"type":"Model","primary":true,"metadata":{"format":"SafeTensor","size":"pruned","fp":"fp16"}}"#,
            #"{"id":4,"type":"Model","metadata":{"format":"GGUF","quantType":"Q4_K_M"}}"#,
        ].compactMap { CivitaiFile(try json($0)) }
        let chosen: (FileWish) -> Int64? = { $0.choose(files)?.id }
        #expect(chosen(FileWish(type: "vae")) == 1)
        #expect(chosen(FileWish(size: "full")) == 2)
        #expect(chosen(FileWish(format: "SafeTensor")) == 3)
        #expect(chosen(FileWish(type: "Model", quantization: "q4_k_m")) == 4)
        #expect(chosen(FileWish(type: "Model", format: "PickleTensor")) == nil)
        #expect(chosen(FileWish(type: "Config")) == nil)
        #expect(FileWish(type: "VAE").choose([]) == nil)
    }
}
