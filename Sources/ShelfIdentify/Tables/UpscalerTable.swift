/// Upscalers and restoration networks, in the order of the tests. Sources: the networks' published code.
enum UpscalerTable {
    /// Prefixes that training programs leave on.
    static let prefixes = ["", "params_ema.", "params.", "model.", "module.", "net_g."]

    static let rules: [KeyRule] = [
        KeyRule("compact", [.key("body.0.weight"), .key("body.1.weight"), .noFamily("feats."), .noFamily("conv_")]),
        KeyRule("swiftsrgan", [.key("initial.cnn.depthwise.weight"), .key("final_conv.pointwise.weight")]),
        KeyRule(
            "hat",
            [
                .key("relative_position_index_SA"), .key("conv_first.weight"),
                .key("layers.0.residual_group.blocks.0.conv_block.cab.0.weight"),
            ]),
        KeyRule(
            "grl", [.key("layers.0.blocks.0.attn.window_attn.attn_transform.logit_scale"), .key("conv_first.weight")]),
        KeyRule(
            "swin2sr",
            [
                .key("patch_embed.proj.weight"), .key("layers.0.residual_group.blocks.0.norm1.weight"),
                .anyOf(["conv_first.weight", "conv_first.1.weight"]),
            ]),
        KeyRule(
            "srformer", [.key("layers.0.residual_group.blocks.0.attn.aligned_relative_position_index")]),
        KeyRule(
            "swinir",
            [
                .key("layers.0.residual_group.blocks.0.norm1.weight"),
                .anyOf(["conv_first.weight", "conv_first.1.weight"]),
            ]),
        KeyRule("gfpgan", [.key("toRGB.0.weight"), .key("stylegan_decoder.style_mlp.1.weight")]),
        KeyRule(
            "restoreformer", [.key("quantize.embedding.weight"), .key("encoder.down.0.block.0.norm1.weight")]),
        KeyRule("lama", [.anyOf(["model.model.1.bn_l.running_mean", "generator.model.1.bn_l.running_mean"])]),
        KeyRule(
            "omnisr", [.key("residual_layer.0.residual_layer.0.layer.0.fn.0.weight"), .key("up.0.weight")]),
        KeyRule("scunet", [.key("m_head.0.weight"), .key("m_tail.0.weight")]),
        KeyRule("fbcnn", [.key("m_head.weight"), .key("m_tail.weight"), .key("qf_pred.0.res.0.weight")]),
        KeyRule("drunet", [.key("m_head.weight"), .key("m_tail.weight")]),
        KeyRule("uformer", [.key("input_proj.proj.0.weight"), .key("output_proj.proj.0.weight")]),
        KeyRule("rgt", [.key("before_RG.1.weight"), .key("layers.0.blocks.0.gamma")]),
        KeyRule("dat", [.key("before_RG.1.weight"), .key("layers.0.blocks.0.ffn.sg.norm.weight")]),
        KeyRule("craft", [.key("layers.0.residual_group.hf_blocks.0.attn.temperature")]),
        KeyRule("kbnet", [.key("encoders.0.0.attgamma")]),
        KeyRule("ditn", [.key("UFONE.0.ITLs.0.attn.temperature")]),
        KeyRule("mm-realsr", [.key("am_list.0.fc.0.weight"), .key("de_net.conv_first.0.weight")]),
        KeyRule("span", [.key("conv_1.sk.weight"), .key("conv_cat.weight"), .key("upsampler.0.weight")]),
        KeyRule("realcugan", [.key("unet1.conv1.conv.0.weight"), .key("unet2.conv_bottom.weight")]),
        KeyRule("safmn", [.key("to_feat.weight"), .key("feats.0.safm.mfr.0.weight")]),
        KeyRule("nafnet", [.key("intro.weight"), .key("middle_blks.0.beta"), .key("ending.weight")]),
        KeyRule("atd", [.family("layers.0.residual_group.td")]),
        KeyRule(
            "dncnn",
            [
                .key("model.0.weight"), .key("model.2.weight"),
                .anyOf(["model.4.weight", "model.3.running_mean"]), .noFamily("model.1.sub."),
            ]),
        KeyRule("drct", [.key("layers.0.swin1.norm1.weight"), .key("layers.0.adjust1.weight")]),
        KeyRule(
            "esrgan",
            [
                .anyOf([
                    "model.1.sub.0.RDB1.conv1.0.weight", "body.0.rdb1.conv1.weight", "RRDB_trunk.0.RDB1.conv1.weight",
                    "model.1.sub.0.RDB1.conv1x1.weight",
                ])
            ]),
        KeyRule(
            "plksr",
            [.key("feats.0.weight"), .anyOf(["feats.1.lk.conv.weight", "feats.1.lk.convs.0.weight"])]),
        KeyRule("mosr", [.key("gblocks.0.weight")]),
        KeyRule("moesr", [.key("in_to_dim.weight")]),
        KeyRule("rcan", [.key("body.0.body.0.body.3.conv_du.0.weight"), .key("tail.1.weight")]),
        KeyRule("fdat", [.key("groups.0.blocks.0.inter.cg.1.weight")]),
        KeyRule("aurasr", [.key("mid_attn.layers.0.0.to_out.weight"), .key("final_res_block.block1.proj.weights")]),
        KeyRule("codeformer", [.key("position_emb"), .key("idx_pred_layer.1.weight")]),
        KeyRule("ddcolor", [.key("refine_net.0.0.weight_orig")]),
        KeyRule("mat", [.key("synthesis.first_stage.conv_first.conv.resample_filter")]),
        KeyRule("restormer", [.key("encoder_level1.0.attn.qkv_dwconv.weight")]),
    ]
}
