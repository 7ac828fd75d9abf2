/// Autoencoders by the tensors of their decoder or encoder, prefix stripped; in the order of the tests. The variant is
/// the family whose latents it makes.
enum VAETable {
    /// Prefixes under which an autoencoder stands in its own file.
    static let prefixes = ["", "first_stage_model.", "vae.", "vae_decoder."]

    static let rules: [KeyRule] = [
        KeyRule("taesd", [.key("taesd_decoder.1.weight")]),
        KeyRule("wan", [.key("decoder.upsamples.0.upsamples.0.residual.2.weight")], [.init("vae-2.2")]),
        KeyRule("wan", [.key("decoder.middle.0.residual.0.gamma")], [.init("vae-2.1")]),
        KeyRule("ltx", [.key("decoder.up_blocks.0.res_blocks.0.conv1.conv.weight")], [.init("vae")]),
        KeyRule("ltx", [.key("decoder.conv_in_x_t.weight")], [.init("vae-2.5")]),
        KeyRule(
            "cogvideox",
            [.key("decoder.conv_in.conv.weight"), .family("decoder.mid_block.resnets.0.norm1.norm_layer")],
            [.init("vae")]),
        KeyRule(
            "hunyuan-video", [.key("decoder.conv_in.conv.weight"), .size("decoder.conv_in.conv.weight", 1, [32])],
            [.init("vae-1.5")]),
        KeyRule("hunyuan-video", [.key("decoder.conv_in.conv.weight")], [.init("vae")]),
        KeyRule("mochi", [.key("decoder.blocks.2.blocks.3.stack.5.weight")], [.init("vae")]),
        KeyRule("mochi", [.key("blocks.2.blocks.3.stack.5.weight")], [.init("vae")]),
        KeyRule("mochi", [.family("encoder.layers.4.layers.1.attn_block")], [.init("vae-encoder")]),
        KeyRule("cosmos", [.family("decoder.unpatcher3d.")], [.init("vae")]),
        KeyRule("svd", [.family("decoder.mid.block_1.mix_factor")], [.init("vae")]),
        KeyRule("svd", [.family("decoder.mid.block_1.time_stack")], [.init("vae")]),
        KeyRule("cascade", [.key("vquantizer.codebook.weight")], [.init("stage-a")]),
        KeyRule("seedvr2", [.key("decoder.up_blocks.2.upsamplers.0.upscale_conv.weight")], [.init("vae")]),
        KeyRule("hunyuan3d", [.family("geo_decoder.")], [.init("vae")]),
        KeyRule("mageflow", [.family("student.dconv_encoder.")], [.init("vae")]),
        KeyRule("minimax-h3", [.key("decoder.transformer_blocks.0.scale1")], [.init("vae")]),
        KeyRule("stable-audio", [.key("decoder.layers.1.layers.0.beta")], [.init("vae")]),
        KeyRule("sana", [.family("decoder.stages.")], [.init("vae")]),
        KeyRule("flux2", [.size("decoder.conv_in.weight", 1, [32]), .key("bn.running_mean")], [.init("vae")]),
        KeyRule(
            "hunyuan-image", [.rank("decoder.conv_in.weight", 4), .size("decoder.conv_in.weight", 1, [64])],
            [.init("vae-2.1")]),
        KeyRule(
            "hunyuan-image", [.rank("decoder.conv_in.weight", 5), .size("decoder.conv_in.weight", 1, [32])],
            [.init("vae-refiner")]),
        KeyRule(
            "flux1", [.rank("decoder.conv_in.weight", 4), .size("decoder.conv_in.weight", 1, [16])], [.init("vae")]),
        KeyRule(
            "sd1", [.rank("decoder.conv_in.weight", 4), .size("decoder.conv_in.weight", 1, [4])], [.init("vae")]),
        KeyRule("taesd", [.key("decoder.1.weight"), .key("decoder.3.conv.0.weight")]),
        KeyRule("taehv", [.key("decoder.1.weight"), .key("decoder.22.bias")]),
        // Encoders alone.
        KeyRule("flux1", [.key("encoder.conv_in.weight"), .size("encoder.conv_out.weight", 0, [32])], [.init("vae")]),
        KeyRule("sd1", [.key("encoder.conv_in.weight"), .size("encoder.conv_out.weight", 0, [8])], [.init("vae")]),
    ]

    /// Families whose autoencoders have the same header, so that a file fits all of them.
    static let lookalikes: [String: [String]] = [
        "sd1": ["sd2", "sdxl"], "flux1": ["sd3", "z-image", "chroma"], "wan": ["qwen-image"],
    ]
}
