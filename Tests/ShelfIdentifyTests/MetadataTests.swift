import ShelfBase
import ShelfFormats
import ShelfIdentify
import Testing

private let sdxlModule: [(String, [UInt64])] = [
    ("lora_unet_input_blocks_4_1_transformer_blocks_0_attn2_to_k.lora_down.weight", [16, 2048]),
    ("lora_unet_input_blocks_4_1_transformer_blocks_0_attn2_to_k.lora_up.weight", [640, 16]),
    ("lora_unet_input_blocks_4_1_transformer_blocks_0_attn2_to_k.alpha", []),
]

private let plainModule: [(String, [UInt64])] = [
    ("lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn1_to_q.lora_down.weight", [4, 320]),
    ("lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn1_to_q.lora_up.weight", [320, 4]),
]

@Suite struct TriggerWordTests {
    private func words(_ metadata: [(key: String, value: String)]) -> [String] {
        Vectors.identify(sdxlModule, metadata).triggerWords
    }

    @Test func sourcesInTheirOrder() {
        let tags = (key: "ss_tag_frequency", value: #"{"10_sks woman":{"red hair":10}}"#)
        let keywords = (key: "ssmd_keywords", value: "kw1, kw2 ,,kw1")
        let trained = (key: "trained_words", value: #"["one, two","three"]"#)
        let phrase = (key: "modelspec.trigger_phrase", value: "ohwx man")
        #expect(words([tags, keywords, trained, phrase]) == ["ohwx man"])
        #expect(words([tags, keywords, trained]) == ["one, two", "three"])
        #expect(words([tags, keywords]) == ["kw1", "kw2"])
        #expect(words([tags]) == ["sks woman", "red hair"])
        #expect(words([(key: "modelspec.trigger_phrase", value: "None"), keywords]) == ["kw1", "kw2"])
        #expect(words([]).isEmpty)
    }

    @Test func steadyTagsOnly() {
        let frequency =
            #"{"5_img":{"exusiai (arknights)":20," halo":19,"halo ":1,"1girl":20,"solo":18,"gun":17,"smile":20}}"#
        let folders = #"{"5_img":{"n_repeats":5,"img_count":20}}"#
        #expect(
            words([(key: "ss_tag_frequency", value: frequency), (key: "ss_dataset_dirs", value: folders)])
                == ["halo", "exusiai (arknights)"])
    }

    @Test func genericTagsWhenNothingElseRemains() {
        #expect(
            words([(key: "ss_tag_frequency", value: #"{"img":{"1girl":5,"solo":5}}"#)]) == ["solo", "1girl"])
    }

    @Test func sentencesAreNoTriggers() {
        let sentence = String(repeating: "a woman stands in the rain ", count: 4)
        #expect(words([(key: "ss_tag_frequency", value: "{\"3_ohwx\":{\"\(sentence)\":9}}")]) == ["ohwx"])
    }

    @Test func severalFolders() {
        let frequency = #"{"10_alice":{"alice":10,"hat":2},"10_bob":{"bob":30,"hat":30}}"#
        #expect(words([(key: "ss_tag_frequency", value: frequency)]) == ["bob", "alice"])
    }

    @Test(arguments: [
        "", "{", "[]", "null", #"{"a":1}"#, #"{"a":{"b":"c"}}"#, #"{"a":{"b":-1}}"#,
        #"{"a":{"b":99999999999999999999}}"#,
        #"{"a":{"b":1.5}}"#, #"{"10_":{"":3}}"#, #"{"a":{"b":3}"#,
    ])
    func brokenFrequencies(_ text: String) { _ = words([(key: "ss_tag_frequency", value: text)]) }

    @Test func megabytesOfTags() {
        var text = #"{"10_x":{"#
        for index in 0..<20_000 { text += "\(index == 0 ? "" : ",")\"tag number \(index)\":\(index % 50)" }
        text += "}}"
        let answer = Vectors.identify(sdxlModule, [(key: "ss_tag_frequency", value: text)])
        #expect(answer.frequentTags.count == 100)
        #expect(answer.triggerWords.first == "x")
    }

    @Test func tokensOfEmbeddings() {
        #expect(
            Vectors.identify([("emb_params", [8, 768])], name: "dir/easy.negative.safetensors", size: 5000).triggerWords
                == ["easy.negative"])
        #expect(Vectors.identify([("<cat-toy>", [768])], size: 5000).triggerWords == ["<cat-toy>"])
    }
}

@Suite struct ClaimTests {
    @Test func hashesAreClaims() {
        let digest = String(repeating: "Ab12", count: 16)
        let answer = Vectors.identify(
            sdxlModule,
            [
                (key: "sshs_model_hash", value: digest), (key: "sshs_legacy_hash", value: "24cf291e"),
                (key: "modelspec.hash_sha256", value: " 0x\(digest)\n"), (key: "ss_sd_model_hash", value: "12345678"),
            ])
        #expect(answer.claimedHashes.keys == ["sshs_model_hash", "sshs_legacy_hash", "modelspec.hash_sha256"])
        #expect(answer.claimedHashes["sshs_model_hash"] == .string(digest.lowercased()))
        #expect(answer.claimedHashes["modelspec.hash_sha256"] == .string(digest.lowercased()))
    }

    @Test(arguments: [
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", "E3B0C44298FC", "0x00000000",
        "af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262", "not a hash", "None", "",
    ])
    func digestsOfNothing(_ digest: String) {
        let answer = Vectors.identify(sdxlModule, [(key: "sshs_model_hash", value: digest)])
        #expect(answer.claimedHashes.isEmpty)
    }

    @Test func trainingIsRead() {
        let answer = Vectors.identify(
            sdxlModule,
            [
                (key: "ss_network_alpha", value: "8.0"), (key: "ss_v2", value: "False"),
                (key: "ss_steps", value: "1200"),
                (key: "ss_learning_rate", value: "1e-4"), (key: "ss_vae_name", value: "None"),
                (key: "ss_network_args", value: #"{"conv_dim":4}"#), (key: "ss_broken", value: "{"),
                (key: "modelspec.title", value: "Title"), (key: "modelspec.thumbnail", value: "data:image/jpeg"),
                (key: "modelspec.author", value: "Someone"), (key: "software", value: #"{"name":"ai-toolkit"}"#),
            ])
        #expect(answer.alpha == 8)
        #expect(answer.title == "Title")
        #expect(answer.author == "Someone")
        let training = answer.training
        #expect(training["v2"] == .bool(false))
        #expect(training["steps"] == .int(1200))
        #expect(training["learning_rate"] == .double(1e-4))
        #expect(training["vae_name"] == nil)
        #expect(training["network_args"]?["conv_dim"] == .int(4))
        #expect(training["broken"] == .string("{"))
        #expect(training["modelspec"]?["title"] == .string("Title"))
        #expect(training["modelspec"]?["thumbnail"] == nil)
        #expect(training["software"]?["name"] == .string("ai-toolkit"))
    }

    /// Metadata chooses among what the tensors allow, and nothing else.
    @Test func structureWins() {
        let wrong = Vectors.identify(sdxlModule, [(key: "ss_base_model_version", value: "sd_v1")])
        #expect(wrong.architecture == "sdxl")
        #expect(wrong.baseModel == nil)
        let pony = Vectors.identify(sdxlModule, [(key: "ss_base_model_version", value: "pony")])
        #expect(pony.baseModel == "Pony")
        #expect(Vectors.identify(plainModule, [(key: "ss_base_model_version", value: "pony")]).baseModel == nil)
        let second = Vectors.identify(plainModule, [(key: "ss_v2", value: "True")])
        #expect(second.architecture == "sd2")
        #expect(second.confidence == "metadata")
        let third = Vectors.identify(plainModule, [(key: "ss_base_model_version", value: "sd_v2_v")])
        #expect(third.architecture == "sd2")
        let named = Vectors.identify(sdxlModule, [], name: "x_illustriousXL.safetensors")
        #expect(named.baseModel == nil)
        #expect(named.alternatives.contains("Illustrious"))
    }
}
