import ShelfBase
import ShelfFormats
import ShelfIdentify
import Testing

@Suite struct IdentifierTests {
    @Test(
        arguments: [
            (
                "control",
                [
                    ("lora_controlnet", [] as [UInt64]),
                    ("input_blocks.4.1.transformer_blocks.0.attn2.to_k.down", [64, 2048]),
                ],
                ModelType.controlnet, "control-lora", "sdxl"
            ),
            (
                "controlnet",
                [
                    ("control_model.zero_convs.0.0.weight", [320, 320, 1, 1]),
                    ("control_model.input_blocks.1.1.transformer_blocks.0.attn2.to_k.weight", [320, 768]),
                ],
                .controlnet, "controlnet", "sd1"
            ),
            (
                "diffusers controlnet",
                [
                    ("controlnet_cond_embedding.conv_in.weight", [16, 3, 3, 3]),
                    ("down_blocks.1.attentions.0.transformer_blocks.0.attn2.to_k.weight", [640, 1024]),
                ],
                .controlnet, "controlnet", "sd2"
            ),
            (
                "ip-adapter",
                [("image_proj.proj.weight", [3072, 1024]), ("ip_adapter.1.to_k_ip.weight", [320, 768])],
                .controlnet, "ip-adapter", "sd1"
            ),
            (
                "faceid",
                [
                    ("image_proj.proj.0.weight", [1024, 512]), ("ip_adapter.0.to_q_lora.down.weight", [128, 320]),
                    ("ip_adapter.0.to_q_lora.up.weight", [320, 128]), ("ip_adapter.1.to_k_ip.weight", [320, 2048]),
                ],
                .controlnet, "ip-adapter-faceid", "sdxl"
            ),
            (
                "esrgan", [("model.0.weight", [64, 3, 3, 3]), ("model.1.sub.0.RDB1.conv1.0.weight", [32, 64, 3, 3])],
                .upscaler, "esrgan", "esrgan"
            ),
            (
                "real-esrgan",
                [
                    ("params_ema.conv_first.weight", [64, 3, 3, 3]),
                    ("params_ema.body.0.rdb1.conv1.weight", [32, 64, 3, 3]),
                ],
                .upscaler, "esrgan", "esrgan"
            ),
            (
                "motion module",
                [
                    ("down_blocks.0.motion_modules.0.temporal_transformer.proj_in.weight", [320, 320]),
                    ("mid_block.motion_modules.0.temporal_transformer.proj_in.weight", [1280, 1280]),
                ],
                .motionModule, "motion-module", "sd1"
            ),
        ] as [(String, [(String, [UInt64])], ModelType, String, String)])
    func others(_ id: String, shapes: [(String, [UInt64])], type: ModelType, kind: String, architecture: String) {
        let answer = Vectors.identify(shapes)
        #expect(answer.type == type, "\(id)")
        #expect(answer.kind == kind, "\(id)")
        #expect(answer.architecture == architecture, "\(id)")
    }

    @Test func autoencoders() {
        let four = Vectors.identify([
            ("decoder.conv_in.weight", [512, 4, 3, 3]), ("encoder.conv_in.weight", [128, 3, 3, 3]),
        ])
        #expect(four.type == .vae)
        #expect(four.architecture == "sd1")
        #expect(four.alternatives.contains("sdxl"))
        #expect(four.baseModel == nil)
        let sixteen = Vectors.identify([("first_stage_model.decoder.conv_in.weight", [512, 16, 3, 3])])
        #expect(sixteen.type == .vae)
        #expect(sixteen.architecture == "flux1")
        let flux2 = Vectors.identify([("decoder.conv_in.weight", [512, 32, 3, 3]), ("bn.running_mean", [128])])
        #expect(flux2.architecture == "flux2")
        let wan = Vectors.identify([("decoder.middle.0.residual.0.gamma", [384, 1, 1, 1])])
        #expect(wan.architecture == "wan")
    }

    @Test func textEncoders() {
        #expect(Vectors.identify([("text_model.encoder.layers.0.mlp.fc1.weight", [3072, 768])]).type == .textEncoder)
        let t5 = Vectors.identify([
            ("encoder.block.23.layer.1.DenseReluDense.wi_1.weight", [10240, 4096]), ("shared.weight", [32128, 4096]),
        ])
        #expect(t5.architecture == "t5-xxl")
        let umt5 = Vectors.identify([
            ("encoder.block.23.layer.1.DenseReluDense.wi_1.weight", [10240, 4096]), ("shared.weight", [256_384, 4096]),
        ])
        #expect(umt5.architecture == "umt5-xxl")
        let vision = Vectors.identify([("vision_model.encoder.layers.30.mlp.fc1.weight", [5120, 1280])])
        #expect(vision.type == .clipVision)
    }

    @Test func embeddings() {
        #expect(Vectors.identify([("emb_params", [4, 1024])], size: 9000).architecture == "sd2")
        let xl = Vectors.identify([("clip_l", [2, 768]), ("clip_g", [2, 1280])], size: 9000)
        #expect(xl.type == .textualInversion)
        #expect(xl.architecture == "sdxl")
        // Too large for an embedding.
        #expect(Vectors.identify([("emb_params", [4, 768])], size: 1 << 30).type == nil)
    }

    @Test(
        arguments: [
            (["hada_w1_a", "hada_w1_b", "hada_w2_a", "hada_w2_b"], "loha", ModelType.locon, 8),
            (["lokr_w1", "lokr_w2_a", "lokr_w2_b"], "lokr", .locon, 8),
            (["lora_down.weight", "lora_up.weight", "dora_scale"], "dora", .dora, 8),
            (["lora_A.weight", "lora_B.weight", "lora_magnitude_vector"], "dora", .dora, 8),
            (["lora_A", "lora_B"], "lora", .lora, 8),
            (["lora_A.default.weight", "lora_B.default.weight"], "lora", .lora, 8),
            (["lora.down.weight", "lora.up.weight"], "lora", .lora, 8),
            (["lora_linear_layer.down.weight", "lora_linear_layer.up.weight"], "lora", .lora, 8),
            (["diff", "diff_b"], "diff", .lora, nil),
            (["oft_blocks"], "oft", .locon, nil),
            (["a1.weight", "a2.weight", "b1.weight", "b2.weight"], "glora", .locon, nil),
        ] as [([String], String, ModelType, Int?)])
    func methods(_ suffixes: [String], kind: String, type: ModelType, rank: Int?) {
        let module = "lora_unet_input_blocks_4_1_transformer_blocks_0_attn2_to_k."
        let shapes = suffixes.map { suffix -> (String, [UInt64]) in
            switch suffix {
            case "hada_w1_a", "hada_w2_a", "lokr_w2_a": (module + suffix, [64, 8])
            case "lokr_w1": (module + suffix, [10, 64])
            case "lokr_w2_b": (module + suffix, [8, 32])
            default:
                suffix.contains("up") || suffix.contains("_B")
                    ? (module + suffix, [640, 8]) : (module + suffix, [8, 2048])
            }
        }
        let answer = Vectors.identify(shapes)
        #expect(answer.kind == kind)
        #expect(answer.type == type)
        #expect(answer.rank == rank)
        if rank != nil { #expect(answer.architecture == "sdxl") }
    }

    @Test func convolutionsMakeALoCon() {
        let module = "lora_unet_down_blocks_0_resnets_0_conv1."
        #expect(
            Vectors.identify([
                (module + "lora_down.weight", [4, 320, 3, 3]), (module + "lora_up.weight", [320, 4, 1, 1]),
            ])
            .type == .locon)
        #expect(
            Vectors.identify([
                (module + "lora_down.weight", [4, 320, 1, 1]), (module + "lora_up.weight", [320, 4, 1, 1]),
            ])
            .type == .lora)
    }

    /// A full model with a few endings that adapters use too stays what it is.
    @Test func fullModelsAreNoAdapters() throws {
        let cases = try Vectors.load("diffusion-headers.json")["cases"]?.array ?? []
        let item = try #require(cases.first)
        let extra = [Vectors.tensor("vocoder.act.alpha", [1]), Vectors.tensor("a.lora_down.weight", [4, 320])]
        let answer = Identifier.identify(
            Vectors.header(Vectors.tensors(item["header"]) + extra), name: FilePath("x.safetensors"))
        #expect(answer.architecture == "sd1")
        #expect(answer.type == .checkpoint)
    }

    @Test func precisionByBytes() {
        func precision(_ tensors: [Tensor]) -> String? {
            Identifier.identify(Vectors.header(tensors), name: FilePath("x")).precision
        }
        let large = Vectors.tensor("a", [100, 100], .f16)
        #expect(precision([large, Vectors.tensor("b", [10, 10], .f32)]) == "fp16")
        #expect(precision([large, Vectors.tensor("b", [100_000], .f32)]) == "fp16")
        #expect(precision([Vectors.tensor("a", [9], .bf16)]) == "bf16")
        #expect(precision([Vectors.tensor("a", [9, 9], .f8E4M3)]) == "fp8")
        #expect(precision([Vectors.tensor("a", [9, 9], .unknown("F17"))]) == "unknown")
        #expect(precision([]) == nil)
        let huge = Tensor(name: [97], type: .f32, shape: [.max, .max], begin: 0, end: .max)
        #expect(Identifier.identify(Vectors.header([huge, huge]), name: FilePath("x")).parameters == .max)
        let packed = [
            Vectors.tensor("w.weight", [64, 1], .u8),
            Vectors.tensor("w.weight.quant_state.bitsandbytes__nf4", [8], .u8),
        ]
        #expect(precision(packed) == "nf4")
    }

    @Test func nothingIsRecognised() {
        let answer = Vectors.identify([("something.weight", [3, 3])])
        #expect(answer.type == nil)
        #expect(answer.architecture == nil)
        #expect(answer.parameters == 9)
        #expect(Vectors.identify([]).tensorCount == 0)
    }

    @Test func inspectShowsEveryKey() {
        let bytes: [UInt8] = [2, 0, 0, 0, 0, 0, 0, 0] + Array("{}".utf8)
        let path = FilePath(bytes: Array("x\u{e9}".utf8) + [0xff] + Array(".safetensors".utf8))
        let header = HeaderReader.read(head: bytes, size: 10, name: path)
        let object = InspectDocument.make(
            path: path, header: header, identification: Identifier.identify(header, name: path))
        for key in [
            "path", "size", "format", "type", "base_model", "variant", "precision", "tensors", "parameters", "rank",
            "alpha", "trigger_words", "training", "metadata", "claimed_hashes", "safety", "confidence", "evidence",
            "alternatives", "problems",
        ] { #expect(object[key] != nil, "\(key)") }
        #expect(object["format"] == .string("safetensors"))
        #expect(object["path_bytes"] != .null)
        #expect(object["safety"]?["verdict"] == .string("safe"))
        #expect(Set(object.keys).count == object.count)
    }

    /// Names of strangers: whatever they are, the answer comes.
    @Test func hostileNames() {
        var state: UInt64 = 5
        func next(_ bound: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int((state >> 33) % UInt64(bound))
        }
        let words = [
            "lora_unet_", "blocks", "_", ".", "999999999999", "0", "transformer_blocks", "attn2", "to_k", "weight",
            "lora_down", "lokr_w1", "hada_w1_b", "diffusion_model", "model", "s", "N", "input_blocks", "alpha", "\u{0}",
            "é",
        ]
        for _ in 0..<3000 {
            let tensors = (0..<next(12)).map { _ in
                let name = (0..<next(12)).map { _ in words[next(words.count)] + (next(3) == 0 ? "." : "_") }.joined()
                let shape = (0..<next(5)).map { _ in [0, 1, 768, 2048, UInt64.max, 320][next(6)] }
                return Tensor(name: Array(name.utf8), type: .f16, shape: shape, begin: 0, end: UInt64(next(1000)))
            }
            _ = Identifier.identify(Vectors.header(tensors, size: Int64(next(1 << 30))), name: FilePath("x"))
        }
    }
}
