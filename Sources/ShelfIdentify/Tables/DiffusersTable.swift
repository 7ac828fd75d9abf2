/// Transformers in the layout of diffusers, whose tensors have other names than those of the models' authors.
enum DiffusersTable {
    static let rules: [KeyRule] = [
        KeyRule(
            "flux2",
            [
                .family("single_transformer_blocks.0."),
                .anyOf([
                    "single_transformer_blocks.0.attn.to_qkv_mlp_proj.weight",
                    "double_stream_modulation_img.linear.weight",
                ]),
            ],
            [
                .init("dev", [.size("x_embedder.weight", 0, [6144])]),
                .init("klein-9b", [.size("x_embedder.weight", 0, [4096])]),
                .init("klein-4b", [.size("x_embedder.weight", 0, [3072])]),
            ]),
        KeyRule("chroma", [.family("single_transformer_blocks.0."), .family("distilled_guidance_layer.")]),
        KeyRule(
            "flux1",
            [.family("single_transformer_blocks.0."), .key("transformer_blocks.0.attn.add_q_proj.weight")],
            [
                .init("dev-fill", [.size("x_embedder.weight", 1, [384]), .family(guidance)]),
                .init("dev-depth-or-canny", [.size("x_embedder.weight", 1, [128]), .family(guidance)]),
                .init("dev", [.family(guidance)]),
                .init("schnell"),
            ]),
        KeyRule(
            "sd3", [.key("pos_embed.proj.weight"), .key("transformer_blocks.0.attn.add_q_proj.weight")],
            [
                .init("3.5-large", [.key("transformer_blocks.37.attn.to_q.weight")]),
                .init("3.5-medium", [.key("transformer_blocks.0.attn2.to_q.weight")]),
                .init("medium"),
            ]),
        KeyRule("auraflow", [.family("joint_transformer_blocks.0.")]),
        KeyRule("z-image", [.key("noise_refiner.0.attention.norm_k.weight"), .family("all_x_embedder.")]),
        KeyRule("lumina2", [.family("time_caption_embed."), .family("noise_refiner.0.")]),
        KeyRule(
            "qwen-image", [.key("transformer_blocks.0.img_mlp.net.0.proj.weight")],
            [
                .init("layered", [.key("time_text_embed.addition_t_embedding.weight")]), .init("generate-or-edit"),
            ]),
        KeyRule("wan", [.key("blocks.0.attn1.to_q.weight"), .family("condition_embedder.")]),
        KeyRule("hidream", [.family("double_stream_blocks.0."), .family("caption_projection.")]),
        KeyRule("hunyuan-video", [.family("context_embedder.token_refiner.")]),
        KeyRule(
            "cosmos", [.key("norm_out.linear_1.weight"), .family("time_embed.t_embedder.")],
            [.init("predict2-2b", [.key("transformer_blocks.27.norm3.linear_2.weight")])]),
        KeyRule(
            "sana", [.key("caption_norm.weight"), .family("transformer_blocks.0.attn1.to_q.")],
            [
                .init("1.6b", [.size("transformer_blocks.0.attn1.to_q.weight", 0, [2240])]),
                .init("0.6b", [.size("transformer_blocks.0.attn1.to_q.weight", 0, [1152])]),
            ]),
        KeyRule("pixart", [.size("transformer_blocks.0.attn1.to_q.weight", 0, [1152])]),
        KeyRule("cogvideox", [.size("transformer_blocks.0.attn1.to_q.weight", 0, [1920])], [.init("2b")]),
        KeyRule("cogvideox", [.size("transformer_blocks.0.attn1.to_q.weight", 0, [3072])], [.init("5b")]),
        KeyRule("ltx", [.size("transformer_blocks.0.attn1.to_q.weight", 0, [2048])], [.init("2b")]),
        KeyRule("ltx", [.size("transformer_blocks.0.attn1.to_q.weight", 0, [4096])], [.init("13b")]),
    ]

    private static let guidance = "time_text_embed.guidance_embedder."
}
