/// What an adapter is made for, by the names and widths of the modules it changes; in the order of the tests.
enum AdapterTable {
    private static let attention = ["attn_to_q", "attn_to_k", "attn_to_v", "attn_add_q_proj", "attn_add_k_proj"]

    private static let doubleBlocks = [
        "^double_blocks_N_img_attn_qkv", "^double_blocks_N_img_attn_proj", "^double_blocks_N_txt_attn_qkv",
        "^double_blocks_N_txt_attn_proj", "^double_blocks_N_img_mlp_0", "^double_blocks_N_txt_mlp_0",
        "^single_blocks_N_linear1",
    ]

    private static let singleTransformerBlocks = [
        "^single_transformer_blocks_N_attn_to_q", "^single_transformer_blocks_N_attn_to_k",
        "^single_transformer_blocks_N_attn_to_v", "^transformer_blocks_N_attn_to_q",
        "^transformer_blocks_N_attn_to_k", "^transformer_blocks_N_attn_to_v",
    ]

    private static let wanAttention = [
        "^blocks_N_self_attn_q", "^blocks_N_self_attn_k", "^blocks_N_self_attn_v", "^blocks_N_self_attn_o",
        "^blocks_N_cross_attn_q", "^blocks_N_cross_attn_o", "^blocks_N_attn1_to_q", "^blocks_N_attn1_to_k",
        "^blocks_N_attn1_to_v", "^blocks_N_ffn_0",
    ]

    private static let luminaModules = ["layers", "noise_refiner", "context_refiner"].flatMap { family in
        ["attention", "feed_forward", "adaLN"].map { "^\(family)_N_\($0)" }
    }

    private static let luminaInputs = [
        "attention_qkv", "attention_to_q", "attention_to_k", "attention_to_v", "attention_out", "feed_forward_w1",
        "feed_forward_w3",
    ]

    private static let cosmosModules =
        ["self", "cross"].flatMap { kind in
            ["q", "k", "v", "output"].map { "^blocks_N_\(kind)_attn_\($0)_proj" }
        } + ["^blocks_N_mlp_layer1", "^blocks_N_mlp_layer2", "^blocks_N_adaln_modulation"]

    private static let unetFamilies = [
        "input_blocks_N", "output_blocks_N", "middle_block", "down_blocks_N", "up_blocks_N", "mid_block",
    ]

    private static let crossInputs = ["attn2_to_k", "attn2_to_v"]

    static let rules: [AdapterRule] = [
        AdapterRule("krea2", [.any(["txtfusion", "text_fusion", "time_mod_proj"])]),
        AdapterRule("krea2", [.all(["attn_wq", "attn_gate"])]),
        AdapterRule(
            "sd3", [.any(["joint_blocks_N_x_block", "joint_blocks_N_context_block"])],
            [
                .init("medium", [.input(["attn_qkv", "attn_proj", "mlp_fc1"], [1536])]),
                .init("large", [.input(["attn_qkv", "attn_proj", "mlp_fc1"], [2432])]),
            ]),
        AdapterRule("hidream", [.any(["double_stream_blocks_N", "single_stream_blocks_N"])]),
        AdapterRule(
            "kandinsky5", [.any(["visual_transformer_blocks_N"])],
            [
                .init("video-pro", [.input(["visual_transformer_blocks_N"], [4096])]),
                .init("image-lite", [.input(["visual_transformer_blocks_N"], [2560])]),
                .init("video-lite", [.input(["visual_transformer_blocks_N"], [1792])]),
            ]),
        AdapterRule("auraflow", [.any(["joint_transformer_blocks_N"])]),
        AdapterRule(
            "hunyuan-video",
            [
                .any(["^double_blocks_N", "^single_blocks_N", "^txt_in_individual_token_refiner"]),
                .any(["img_mlp_fc1", "individual_token_refiner", "img_mod_linear", "modulation_linear"]),
            ],
            [
                .init(
                    "2.1", [.input(["img_mlp_fc1", "img_attn_qkv", "img_mod_linear", "modulation_linear"], [3584])],
                    architecture: "hunyuan-image"),
                .init(nil),
            ]),
        AdapterRule(
            "flux2", [.input(doubleBlocks, [6144])], [.init("dev")]),
        AdapterRule(
            "flux2", [.input(doubleBlocks, [4096])], [.init("klein-9b")]),
        AdapterRule(
            "flux2",
            [.any(["^double_blocks_N", "^single_blocks_N", "stream_modulation"]), .any(["stream_modulation"])],
            flux2Sizes),
        AdapterRule("flux2", [.ratio("^double_blocks_N_img_mlp_0", 6)], flux2Sizes),
        AdapterRule("flux2", [.ratio("^double_blocks_N_txt_mlp_0", 6)], flux2Sizes),
        AdapterRule("flux2", [.numberAtLeast("^single_blocks_N", 39)], [.init("dev")]),
        AdapterRule(
            "chroma", [.any(["^double_blocks_N", "^single_blocks_N"]), .any(["distilled_guidance_layer"])]),
        AdapterRule(
            "flux1", [.any(["^double_blocks_N", "^single_blocks_N"])],
            [
                .init("control", [.input(["^img_in"], [128])]),
                .init("control", [.plain("norm.key_norm.scale")]),
                .init(nil, alternatives: ["chroma"]),
            ]),
        AdapterRule(
            "flux2", [.any(["^single_transformer_blocks_N"]), .input(singleTransformerBlocks, [6144])],
            [.init("dev")]),
        AdapterRule(
            "flux2", [.any(["^single_transformer_blocks_N"]), .input(singleTransformerBlocks, [4096])],
            [.init("klein-9b")]),
        AdapterRule(
            "flux2",
            [
                .any(["^single_transformer_blocks_N"]),
                .any(["to_qkv_mlp_proj", "ff_linear_in", "stream_modulation_img"]),
            ],
            [
                .init("klein-4b", [.input(["to_qkv_mlp_proj", "ff_linear_in"], [3072])]),
                .init("dev", [.input(["to_qkv_mlp_proj", "ff_linear_in"], [6144])]),
                .init("klein-9b", [.input(["to_qkv_mlp_proj", "ff_linear_in"], [4096])]),
            ]),
        AdapterRule("flux1", [.any(["^single_transformer_blocks_N"])], alternatives: ["chroma"]),
        AdapterRule(
            "lumina2", [.any(luminaModules)],
            [
                .init(nil, [.input(luminaInputs, [2304])]),
                .init(nil, [.input(luminaInputs, [3840])], architecture: "z-image"),
                .init(
                    nil, [.any(["^layers_N_attention_qkv"]), .numberAtLeast("^layers_N_attention_qkv", 33)],
                    architecture: "ideogram4"),
                .init(nil, architecture: "z-image", alternatives: ["lumina2"]),
            ]),
        AdapterRule(
            "anima", [.any(cosmosModules)],
            [
                .init(nil, [.any(["llm_adapter", "llm_adapter_blocks_N"])], alternatives: []),
                .init(nil, [.encoder(4, ["^layers_N"])], alternatives: []),
                .init(nil, alternatives: ["cosmos"]),
            ]),
        AdapterRule(
            "wan", [.any(wanAttention.dropLast(4) + ["^blocks_N_ffn_0", "^blocks_N_ffn_2"])], wanSizes),
        AdapterRule("wan", [.all(["^blocks_N_attn1_to_q", "^blocks_N_ffn_net"])], wanSizes),
        AdapterRule("sdxl-refiner", [.any(unetFamilies), .input(crossInputs, [1280])]),
        AdapterRule("sd1", [.any(unetFamilies), .input(crossInputs, [768])]),
        AdapterRule("sd2", [.any(unetFamilies), .input(crossInputs, [1024])]),
        AdapterRule("sdxl", [.any(unetFamilies), .input(crossInputs, [2048])]),
        AdapterRule("sdxl", [.any(unetFamilies), .encoder(2, [])]),
        AdapterRule("sdxl", [.any(unetFamilies), .numberAtLeast("transformer_blocks_N", 2)]),
        AdapterRule("sdxl", [.number("up_blocks_N_attentions", [0])]),
        AdapterRule("sd1", [.any(unetFamilies), .encoderInput(4, [768])]),
        AdapterRule("sd2", [.any(unetFamilies), .encoderInput(4, [1024])]),
        AdapterRule("sd1", [.number("down_blocks_N_attentions", [0])], alternatives: ["sd2"]),
        AdapterRule("sd1", [.number("down_blocks_N", [3])], alternatives: ["sd2"]),
        AdapterRule("sd1", [.number("up_blocks_N", [3])], alternatives: ["sd2"]),
        AdapterRule("sd1", [.number("input_blocks_N_N_transformer_blocks", [1, 2])], alternatives: ["sd2"]),
        AdapterRule("sd1", [.number("input_blocks_N", [9, 10, 11])], alternatives: ["sd2"]),
        AdapterRule("sd1", [.number("output_blocks_N", [9, 10, 11])], alternatives: ["sd2"]),
        AdapterRule("ltx", [.any(["audio_attn1", "audio_ff"])], [.init("2")]),
        AdapterRule("pixart", [.input(["^transformer_blocks_N_attn1_to_q"], [1152])]),
        AdapterRule("cogvideox", [.input(["^transformer_blocks_N_attn1_to_q"], [1920])], [.init("2b")]),
        AdapterRule("ltx", [.input(["^transformer_blocks_N_attn1_to_q"], [2048])], [.init("2b")]),
        AdapterRule("sana", [.input(["^transformer_blocks_N_attn1_to_q"], [2240])]),
        AdapterRule("cogvideox", [.input(["^transformer_blocks_N_attn1_to_q"], [3072])], [.init("5b")]),
        AdapterRule("ltx", [.input(["^transformer_blocks_N_attn1_to_q"], [4096])], [.init("13b")]),
        AdapterRule(
            "flux1",
            [
                .any(["^transformer_blocks_N_ff_context", "^transformer_blocks_N_norm1_context"]),
                .input(attention + ["norm1_context_linear", "ff_context_net_0_proj"], [3072]),
            ],
            alternatives: ["chroma"]),
        AdapterRule(
            "qwen-image", [.any(["^transformer_blocks_N"]), .any(["img_mlp", "txt_mlp", "img_mod", "txt_mod"])]),
        AdapterRule("sd3", [.any(["^transformer_blocks_N"]), .input(attention, [1536])], [.init("medium")]),
        AdapterRule("sd3", [.any(["^transformer_blocks_N"]), .input(attention, [2432])], [.init("large")]),
        AdapterRule(
            "qwen-image", [.any(["^transformer_blocks_N"]), .input(attention, [3072])], alternatives: ["flux1"]),
        AdapterRule(
            "qwen-image",
            [
                .any(attention.map { "^transformer_blocks_N_\($0)" }),
                .numberAtLeast("^transformer_blocks_N", 38),
            ]),
        AdapterRule("minimax-h3", [.all(["blocks_N_attn_qkv_proj", "token_refiner"])]),
    ]

    /// Adapters of text encoders only, tested when nothing of a diffusion model is adapted.
    static let encoderRules: [AdapterRule] = [
        AdapterRule("sdxl", [.encoder(2, [])]),
        AdapterRule("anima", [.encoder(4, ["^layers_N_self_attn_q_proj", "^layers_N_self_attn_k_proj"])]),
        AdapterRule("flux1", [.encoder(3, [])], alternatives: ["sd3"]),
        AdapterRule("sd2", [.encoderInput(4, [1024])]),
        AdapterRule("sd1", [.encoderInput(4, [768])], alternatives: ["sdxl", "flux1"]),
        AdapterRule("flux1", [.encoderInput(1, [768])], alternatives: ["sdxl", "sd3"]),
    ]

    private static let flux2Sizes: [AdapterRule.Variant] = [
        .init("klein-4b", [.input(doubleBlocks, [3072])]),
        .init("dev", [.numberAtLeast("^single_blocks_N", 39)]),
        .init("klein-9b", [.numberAtLeast("^single_blocks_N", 20)]),
        .init("klein-4b"),
    ]

    private static let wanSizes: [AdapterRule.Variant] = [
        .init("2.1-i2v-14b", [.any(["k_img", "v_img"]), .input(wanAttention, [5120])]),
        .init("2.1-i2v-1.3b", [.any(["k_img", "v_img"]), .input(wanAttention, [1536])]),
        .init("14b", [.input(wanAttention, [5120])]),
        .init("1.3b", [.input(wanAttention, [1536])]),
        .init("5b", [.input(wanAttention, [3072])]),
    ]
}
