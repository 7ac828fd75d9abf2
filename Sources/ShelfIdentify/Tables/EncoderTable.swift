/// Text and vision encoders, prefix stripped; in the order of the tests.
enum EncoderTable {
    /// Prefixes under which a text encoder stands in its own file.
    static let prefixes = ["", "transformer.", "text_encoder.", "model."]

    static let text: [KeyRule] = [
        KeyRule("clip-g", [.key("text_model.encoder.layers.30.mlp.fc1.weight")]),
        KeyRule("clip-g", [.key("transformer.resblocks.31.mlp.c_fc.weight")]),
        KeyRule("clip-h", [.key("text_model.encoder.layers.22.mlp.fc1.weight")]),
        KeyRule("clip-h", [.key("transformer.resblocks.22.mlp.c_fc.weight")]),
        KeyRule(
            "clip-l", [.key("text_model.encoder.layers.0.mlp.fc1.weight")],
            [.init("long", [.size("text_model.embeddings.position_embedding.weight", 0, [248])]), .init(nil)]),
        KeyRule(
            "umt5-xxl",
            [
                .key("encoder.block.23.layer.1.DenseReluDense.wi_1.weight"),
                .size("shared.weight", 0, [256_384]),
            ]),
        KeyRule("t5-xxl", [.size("encoder.block.23.layer.1.DenseReluDense.wi_1.weight", 0, [10_240])]),
        KeyRule("t5-xl", [.size("encoder.block.23.layer.1.DenseReluDense.wi_1.weight", 0, [5120])]),
        KeyRule("t5-xxl", [.key("encoder.block.23.layer.1.DenseReluDense.wi.weight")], [.init("old")]),
        KeyRule("byt5-small", [.size("encoder.block.0.layer.0.SelfAttention.k.weight", 0, [384])]),
        KeyRule("t5", [.key("encoder.block.0.layer.0.SelfAttention.k.weight")]),
        KeyRule("gpt-oss-20b", [.key("layers.0.self_attn.sinks")]),
        KeyRule("gemma", [.key("layers.0.post_feedforward_layernorm.weight")]),
        KeyRule("qwen3.5", [.key("layers.0.linear_attn.A_log")]),
        KeyRule(
            "qwen2.5-7b", [.size("layers.0.self_attn.k_proj.bias", 0, [512])],
            [.init("vl", [.family("visual.")]), .init(nil)]),
        KeyRule(
            "qwen2.5-3b", [.size("layers.0.self_attn.k_proj.bias", 0, [256])],
            [.init("vl", [.family("visual.")]), .init(nil)]),
        KeyRule("qwen3-vl", [.family("visual.deepstack_merger_list.")]),
        KeyRule(
            "qwen3-0.6b",
            [.key("layers.0.self_attn.q_norm.weight"), .size("layers.0.input_layernorm.weight", 0, [1024])]),
        KeyRule(
            "qwen3-1.7b",
            [.key("layers.0.self_attn.q_norm.weight"), .size("layers.0.input_layernorm.weight", 0, [2048])]),
        KeyRule(
            "qwen3-4b",
            [.key("layers.0.self_attn.q_norm.weight"), .size("layers.0.input_layernorm.weight", 0, [2560])]),
        KeyRule(
            "qwen3-8b",
            [.key("layers.0.self_attn.q_norm.weight"), .size("layers.0.input_layernorm.weight", 0, [4096])]),
        KeyRule(
            "mistral-small-24b",
            [.size("layers.0.input_layernorm.weight", 0, [5120]), .key("layers.29.input_layernorm.weight")],
            [.init(nil, [.key("layers.39.input_layernorm.weight")]), .init("pruned")]),
        KeyRule("ministral-3b", [.size("layers.0.input_layernorm.weight", 0, [3072])]),
        KeyRule("llama3-8b", [.size("embed_tokens.weight", 0, [128_256]), .key("layers.31.input_layernorm.weight")]),
        KeyRule("chatglm3", [.key("encoder.layers.0.self_attention.query_key_value.weight")]),
    ]

    static let vision: [KeyRule] = [
        KeyRule("vit-bigg", [.key("vision_model.encoder.layers.47.mlp.fc1.weight")]),
        KeyRule("vit-h", [.key("vision_model.encoder.layers.30.mlp.fc1.weight")]),
        KeyRule(
            "siglip",
            [
                .key("vision_model.encoder.layers.22.mlp.fc1.weight"),
                .size("vision_model.encoder.layers.0.layer_norm1.weight", 0, [1152]),
            ]),
        KeyRule(
            "vit-l", [.key("vision_model.encoder.layers.22.mlp.fc1.weight")],
            [
                .init("llava", [.family("multi_modal_projector.")]),
                .init("336", [.size("vision_model.embeddings.position_embedding.weight", 0, [577])]), .init(nil),
            ]),
        KeyRule("dinov2-giant", [.key("encoder.layer.39.layer_scale1.lambda1")]),
        KeyRule("dinov2-large", [.key("encoder.layer.23.layer_scale1.lambda1")]),
        KeyRule("vit-open-clip", [.family("visual.transformer.resblocks.")]),
    ]
}
