/// Models that steer a diffusion model: ControlNets, adapters for pictures, motion modules. In the order of the tests.
enum ControlTable {
    /// A row: what the tensors are marks of, and for which architecture when the marks say so.
    struct Row: Sendable {
        let type: ModelType
        let kind: String
        let architecture: String?
        let tests: [KeyTest]

        init(_ type: ModelType, _ kind: String, for architecture: String? = nil, _ tests: [KeyTest]) {
            self.type = type
            self.kind = kind
            self.architecture = architecture
            self.tests = tests
        }
    }

    /// Marks that outrank adapter endings: these models contain low-rank modules of their own.
    static let beforeAdapters: [Row] = [
        Row(.controlnet, "control-lora", [.key("lora_controlnet")]),
        Row(.controlnet, "controlnet-lllite", for: "anima", [.family("lllite_dit_blocks_")]),
        Row(.controlnet, "controlnet-lllite", for: "sdxl", [.family("lllite_unet_")]),
        Row(.controlnet, "ip-adapter", for: "flux1", [.family("ip_adapter_proj_model.")]),
        Row(.controlnet, "ip-adapter-faceid", [.family("ip_adapter.0.to_q_lora.")]),
        Row(.controlnet, "ip-adapter-faceid", [.family("ip_adapter.1.to_q_lora.")]),
        Row(.controlnet, "ip-adapter-plus", [.family("ip_adapter."), .key("image_proj.latents")]),
        Row(.controlnet, "ip-adapter-full-face", [.family("ip_adapter."), .key("image_proj.proj.3.weight")]),
        Row(.controlnet, "ip-adapter", [.family("ip_adapter."), .family("image_proj.")]),
        Row(.other, "pulid", [.family("pulid_ca.")]),
        Row(.other, "pulid", [.family("pulid_encoder.")]),
        Row(.other, "photomaker", [.family("id_encoder.")]),
    ]

    static let rows: [Row] = [
        Row(.controlnet, "controlnet", for: "hunyuan-dit", [.key("after_proj_list.18.bias")]),
        Row(
            .motionModule, "sparse-controlnet",
            [.key("controlnet_cond_embedding.conv_in.weight"), .family("down_blocks.0.motion_modules.")]),
        Row(
            .controlnet, "controlnet-union", for: "sdxl",
            [
                .key("controlnet_cond_embedding.conv_in.weight"), .key("control_add_embedding.linear_1.bias"),
            ]),
        Row(.controlnet, "controlnet", [.key("controlnet_cond_embedding.conv_in.weight")]),
        Row(.controlnet, "controlnet", [.key("control_model.zero_convs.0.0.weight")]),
        Row(.controlnet, "controlnet", [.key("zero_convs.0.0.weight")]),
        Row(
            .controlnet, "controlnet", for: "flux1",
            [.key("controlnet_blocks.0.weight"), .key("double_blocks.0.img_attn.norm.key_norm.scale")]),
        Row(
            .controlnet, "controlnet", for: "sd3",
            [.key("controlnet_blocks.0.weight"), .key("pos_embed_input.proj.weight")]),
        Row(
            .controlnet, "controlnet-union", for: "flux1",
            [.key("controlnet_x_embedder.weight"), .key("controlnet_mode_embedder.weight")]),
        Row(
            .controlnet, "controlnet", for: "qwen-image",
            [.key("controlnet_x_embedder.weight"), .key("transformer_blocks.0.img_mlp.net.0.proj.weight")]),
        Row(.controlnet, "controlnet", for: "flux1", [.key("controlnet_x_embedder.weight")]),
        Row(.controlnet, "controlnet", for: "flux1", [.key("controlnet_blocks.0.linear.weight")]),
        Row(.controlnet, "model-patch", for: "qwen-image", [.key("controlnet_blocks.0.y_rms.weight")]),
        Row(.controlnet, "model-patch", for: "z-image", [.key("control_all_x_embedder.2-1.weight")]),
        Row(.controlnet, "model-patch", for: "wan", [.key("controlnet_patch_embedding.weight")]),
        Row(
            .controlnet, "t2i-adapter", for: "sdxl",
            [.key("adapter.body.0.resnets.0.block1.weight"), .size("adapter.conv_in.weight", 1, [256, 768])]),
        Row(.controlnet, "t2i-adapter", for: "sd1", [.key("adapter.body.0.resnets.0.block1.weight")]),
        Row(.controlnet, "t2i-adapter-light", for: "sd1", [.key("body.0.in_conv.weight")]),
        Row(
            .controlnet, "t2i-adapter", for: "sdxl",
            [.size("conv_in.weight", 1, [256, 768]), .key("body.0.block2.weight")]),
        Row(.controlnet, "t2i-adapter", for: "sd1", [.key("conv_in.weight"), .key("body.0.block2.weight")]),
        Row(.controlnet, "controlnet", for: "cascade", [.key("backbone.10.blocks.0.weight")]),
        Row(.controlnet, "gligen", [.key("position_net.null_positive_feature")]),
        Row(.other, "redux", for: "flux1", [.key("redux_up.weight"), .key("redux_down.weight")]),
        Row(.other, "style-model", for: "sd1", [.key("style_embedding")]),
        Row(
            .motionModule, "motion-module", for: "sd1", [.family("mid_block.motion_modules.")]),
        Row(
            .motionModule, "motion-module",
            [.family("down_blocks.0.motion_modules."), .noFamily("down_blocks.0.resnets.")]),
    ]

    /// The width of the text embedding that cross-attention takes, by architecture.
    static let contexts: [UInt64: String] = [768: "sd1", 1024: "sd2", 1280: "sdxl-refiner", 2048: "sdxl"]
}
