/// Diffusion models by tensors that only they have, in the order in which they must be tested: an earlier row may
/// share keys with a later one. Names as in the models' own code, prefix stripped. Sources: the models' published
/// code, and the detectors of ComfyUI, InvokeAI and SwarmUI.
enum DiffusionTable {
    static let rules: [KeyRule] = [
        KeyRule(
            "minimax-music3",
            [.key("cond_layer_logits"), .key("latent_conditioners.0.weight")]),
        KeyRule(
            "sd3", [.key("joint_blocks.0.context_block.attn.qkv.weight")],
            [
                .init("3.5-large", [.size("x_embedder.proj.weight", 0, [2432])]),
                .init("3.5-medium", [.key("joint_blocks.0.x_block.attn2.qkv.weight")]),
                .init("3.5-medium", [.size("pos_embed", 1, [147_456])]),
                .init(
                    "medium",
                    [
                        .size("x_embedder.proj.weight", 0, [1536]),
                        .noKey("joint_blocks.0.context_block.attn.ln_q.weight"),
                    ]),
            ]),
        KeyRule(
            "cascade", [.key("clf.1.weight"), .key("clip_txt_mapper.weight")],
            [
                .init("stage-c-lite", [.size("clip_txt_mapper.weight", 0, [1536])]),
                .init("stage-c"),
            ]),
        KeyRule(
            "cascade", [.key("clf.1.weight"), .key("clip_mapper.weight")],
            [
                .init("stage-b-lite", [.size("down_blocks.1.0.channelwise.0.weight", -1, [576])]),
                .init("stage-b"),
            ]),
        KeyRule("cascade", [.key("clf.1.weight")]),
        KeyRule(
            "trellis2", [.anyOf(["img2shape.t_embedder.mlp.0.weight", "shape2txt.t_embedder.mlp.0.weight"])]),
        KeyRule("stable-audio", [.key("transformer.rotary_pos_emb.inv_freq")]),
        KeyRule("auraflow", [.key("double_layers.0.attn.w1q.weight")]),
        KeyRule(
            "hunyuan-dit", [.key("mlp_t5.0.weight")],
            [
                .init("1.0-or-1.1", [.size("extra_embedder.0.weight", 1, [3968])]),
                .init("1.2"),
            ]),
        KeyRule(
            "hunyuan-video",
            [
                .anyOf([
                    "txt_in.individual_token_refiner.blocks.0.norm1.weight",
                    "txt_in.individual_token_refiner.blocks.1.self_attn_qkv.weight",
                    "txt_in.individual_token_refiner.blocks.1.self_attn.qkv.weight",
                ])
            ],
            [
                .init(
                    "2.1-refiner", [.size("time_r_in.mlp.0.bias", 0, [3328])], architecture: "hunyuan-image"),
                .init(
                    "2.1-distilled",
                    [
                        .rank("img_in.proj.weight", 4), .noFamily("vector_in."), .key("byt5_in.fc1.weight"),
                        .family("time_r_in."),
                    ],
                    architecture: "hunyuan-image"),
                .init(
                    "2.1", [.rank("img_in.proj.weight", 4), .noFamily("vector_in."), .key("byt5_in.fc1.weight")],
                    architecture: "hunyuan-image"),
                .init("1.5-sr", [.key("vision_in.proj.0.weight"), .size("img_in.proj.weight", 1, [98])]),
                .init("1.5", [.anyOf(["vision_in.proj.0.weight", "cond_type_embedding.weight"])]),
                .init("i2v", [.size("img_in.proj.weight", 1, [33])]),
                .init("skyreels-i2v", [.size("img_in.proj.weight", 1, [32])]),
                .init("t2v"),
            ]),
        FluxTable.flux2, FluxTable.chroma, FluxTable.ovis, FluxTable.longcat, FluxTable.flux1,
        KeyRule("flux3-video", [.key("early_stream_modulations.image.lin.weight")]),
        KeyRule("mochi", [.anyOf(["t5_yproj.weight", "blocks.0.attn.k_norm_x.weight"])]),
        KeyRule(
            "pixart", [.key("adaln_single.emb.timestep_embedder.linear_1.bias"), .key("pos_embed.proj.bias")],
            [
                .init("alpha", [.family("adaln_single.emb.resolution_embedder.")]),
                .init("sigma"),
            ]),
        KeyRule("minimax-h3", [.key("video_patch_proj.weight"), .key("audio_patch_proj.weight")]),
        KeyRule(
            "ltx", [.key("adaln_single.emb.timestep_embedder.linear_1.bias")],
            [
                .init("2.5", [.key("keyframes_abs_pos_embedding"), .family("audio_patchify_proj.")]),
                .init(
                    "2.3",
                    [
                        .key("audio_adaln_single.linear.weight"),
                        .anyOf([
                            "text_embedding_projection.audio_aggregate_embed.weight",
                            "transformer_blocks.1.prompt_scale_shift_table",
                        ]),
                    ]),
                .init("2", [.key("audio_adaln_single.linear.weight")]),
                .init("13b", [.size("adaln_single.emb.timestep_embedder.linear_1.bias", 0, [4096])]),
                .init("2b", [.size("adaln_single.emb.timestep_embedder.linear_1.bias", 0, [2048])]),
            ]),
        KeyRule("ace", [.key("genre_embedder.weight")], [.init("1.0")]),
        KeyRule(
            "pixart", [.key("t_block.1.weight")],
            [
                .init("alpha", [.key("ar_embedder.mlp.0.weight")]),
                .init("alpha", [.size("y_embedder.y_embedding", 0, [120])]),
                .init("sigma"),
            ]),
        KeyRule(
            "cosmos", [.key("blocks.block0.blocks.0.block.attn.to_q.0.weight")],
            [
                .init(
                    "1.0-7b-video2world",
                    [
                        .size("blocks.block0.blocks.0.block.attn.to_q.0.weight", 0, [4096]),
                        .size("x_embedder.proj.1.weight", 1, [72]),
                    ]),
                .init("1.0-7b-text2world", [.size("blocks.block0.blocks.0.block.attn.to_q.0.weight", 0, [4096])]),
                .init("1.0-14b-video2world", [.size("x_embedder.proj.1.weight", 1, [72])]),
                .init("1.0-14b-text2world"),
            ]),
        KeyRule("pid", [.key("lq_proj.latent_proj.0.weight")]),
        KeyRule("pixeldit", [.key("core.pixel_embedder.proj.weight")]),
        KeyRule(
            "lumina2", [.key("cap_embedder.1.weight"), .key("noise_refiner.0.attention.k_norm.weight")],
            [
                .init("newbie", [.family("clip_text_pooled_proj.0.")]),
                .init(
                    "pixel", [.size("cap_embedder.1.weight", 0, [3840]), .family("dec_net.cond_embed")],
                    architecture: "z-image"),
                .init(
                    "ming",
                    [
                        .size("cap_embedder.1.weight", 0, [3840]), .noKey("cap_pad_token"), .noFamily("dec_net."),
                    ],
                    architecture: "z-image"),
                .init(
                    "omni", [.size("cap_embedder.1.weight", 0, [3840]), .family("siglip_embedder.0.")],
                    architecture: "z-image"),
                .init(nil, [.size("cap_embedder.1.weight", 0, [3840])], architecture: "z-image"),
            ]),
        KeyRule(
            "cogvideox", [.key("blocks.0.norm1.linear.weight")],
            [
                .init("2b", [.size("blocks.0.norm1.linear.weight", 0, [1920 * 6])]),
                .init("1.5-5b-i2v", [.family("ofs_embedding_linear_1")]),
                .init("1.5-5b", [.rank("patch_embed.proj.weight", 2)]),
                .init("5b-i2v", [.size("patch_embed.proj.weight", 1, [32])]),
                .init("5b-inpaint", [.size("patch_embed.proj.weight", 1, [48])]),
                .init("5b"),
            ]),
        KeyRule(
            "seedvr2",
            [.anyOf(["blocks.35.mlp.vid.proj_out.weight", "blocks.35.mlp.all.proj_in_gate.weight"])], [.init("7b")]),
        KeyRule("seedvr2", [.key("blocks.31.mlp.all.proj_in_gate.weight")], [.init("3b")]),
        KeyRule("wan", [.key("head.modulation")]),
        KeyRule(
            "hunyuan3d", [.key("latent_in.weight")],
            [.init("2.0-distilled", [.family("guidance_in.")]), .init("2.0")]),
        KeyRule(
            "hunyuan3d", [.key("t_embedder.mlp.2.weight"), .key("blocks.0.attn1.k_norm.weight")], [.init("2.1")]),
        KeyRule("triposplat", [.key("cam_out_layer.weight"), .key("repo_layers.0.final_map.weight")]),
        KeyRule("hidream-o1", [.key("t_embedder1.mlp.0.weight"), .key("x_embedder.proj1.weight")]),
        KeyRule(
            "sensenova-u1.5",
            [
                .key("fm_modules.vision_model_mot_gen.embeddings.patch_embedding.weight"),
                .key("language_model.model.layers.0.self_attn.q_proj_mot_gen.weight"),
            ]),
        KeyRule("hidream", [.key("caption_projection.0.linear.weight")]),
        KeyRule(
            "cosmos", [.key("blocks.0.mlp.layer1.weight")],
            [
                .init(nil, [.key("llm_adapter.blocks.0.cross_attn.q_proj.weight")], architecture: "anima"),
                .init(
                    "predict2-2b-video2world",
                    [.size("x_embedder.proj.1.weight", 0, [2048]), .size("x_embedder.proj.1.weight", 1, [72])]),
                .init("predict2-2b", [.size("x_embedder.proj.1.weight", 0, [2048])]),
                .init(
                    "predict2-14b-video2world",
                    [.size("x_embedder.proj.1.weight", 0, [5120]), .size("x_embedder.proj.1.weight", 1, [72])]),
                .init("predict2-14b", [.size("x_embedder.proj.1.weight", 0, [5120])]),
            ]),
        KeyRule("boogu", [.key("double_stream_layers.0.img_instruct_attn.processor.img_to_q.weight")]),
        KeyRule("omnigen2", [.key("time_caption_embed.timestep_embedder.linear_1.bias")]),
        KeyRule(
            "lens",
            [.key("transformer_blocks.0.attn.norm_added_q.weight"), .key("transformer_blocks.0.img_mlp.w1.weight")]),
        KeyRule("mageflow", [.size("txt_norm.weight", 0, [2560]), .size("proj_out.weight", 0, [128])]),
        KeyRule(
            "qwen-image",
            [
                .key("txt_in.text_norm.weight"), .key("modulation.1.weight"),
                .key("transformer_blocks.0.attn.norm_q.weight"),
            ],
            [.init("2")]),
        KeyRule(
            "qwen-image", [.key("txt_norm.weight")],
            [
                .init("edit-2511", [.key("__index_timestep_zero__")]),
                .init("layered", [.key("time_text_embed.addition_t_embedding.weight")]),
                .init("generate-or-edit"),
            ]),
        KeyRule("ideogram4", [.key("embed_image_indicator.weight")]),
        KeyRule("krea2", [.key("txtfusion.projector.weight")]),
        KeyRule(
            "kandinsky5", [.key("visual_transformer_blocks.0.cross_attention.key_norm.weight")],
            [
                .init("video-pro", [.size("visual_embeddings.in_layer.weight", 0, [4096])]),
                .init("image-lite", [.size("visual_embeddings.in_layer.weight", 0, [2560])]),
                .init("video-lite", [.size("visual_embeddings.in_layer.weight", 0, [1792])]),
            ]),
        KeyRule("ace", [.key("encoder.lyric_encoder.layers.0.input_layernorm.weight")], [.init("1.5")]),
        KeyRule("ernie", [.key("layers.0.mlp.linear_fc2.weight"), .family("layers.0.adaLN_sa_ln.")]),
        KeyRule("joyimage", [.key("double_blocks.0.attn.img_attn_qkv.weight"), .rank("img_in.weight", 5)]),
        KeyRule("yue2", [.key("vae2llm.weight"), .key("llm2vae.weight"), .key("latent_pos_embed.pe")]),
        KeyRule(
            "sana",
            [
                .key("attention_y_norm.weight"),
                .anyOf(["blocks.0.attn.proj.weight", "blocks.0.cross_attn.q_linear.weight"]),
            ],
            [
                .init("4.8b", [.size("attention_y_norm.weight", 0, [2240]), .blocks("blocks.", 60...80)]),
                .init("1.6b", [.size("attention_y_norm.weight", 0, [2240])]),
                .init("0.6b", [.size("attention_y_norm.weight", 0, [1152])]),
            ]),
    ]
}
