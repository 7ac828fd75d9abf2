/// The family of Flux: models with double and single stream blocks.
enum FluxTable {
    private static let marks: [KeyTest] = [
        .anyOf(["double_blocks.0.img_attn.norm.key_norm.scale", "double_blocks.0.img_attn.norm.key_norm.weight"]),
        .anyOf(["img_in.weight"] + guidanceLayers),
    ]

    private static let guidanceLayers = [
        "distilled_guidance_layer.norms.0.scale", "distilled_guidance_layer.norms.0.weight",
        "distilled_guidance_layer.0.norms.0.scale", "distilled_guidance_layer.0.norms.0.weight",
    ]

    static let flux2 = KeyRule(
        "flux2", marks + [.key("double_stream_modulation_img.lin.weight")],
        [
            // Some converters store the matrix the other way round, so both sides count.
            .init("dev", [.size("double_stream_modulation_img.lin.weight", 0, [36864])]),
            .init("dev", [.size("double_stream_modulation_img.lin.weight", 1, [36864])]),
            .init("klein-9b", [.size("double_stream_modulation_img.lin.weight", 0, [24576])]),
            .init("klein-9b", [.size("double_stream_modulation_img.lin.weight", 1, [24576])]),
            .init("klein-4b", [.size("double_stream_modulation_img.lin.weight", 0, [18432])]),
            .init("klein-4b", [.size("double_stream_modulation_img.lin.weight", 1, [18432])]),
        ])

    static let chroma = KeyRule(
        "chroma", marks + [.anyOf(guidanceLayers)], [.init("radiance", [.family("nerf_blocks.0.norm.")])])

    static let ovis = KeyRule(
        "ovis-image",
        marks + [
            .anyOf(["double_blocks.0.img_mlp.gate_proj.weight", "double_blocks.0.img_mlp.down_proj.weight"]),
            .family("txt_norm."),
        ])

    static let longcat = KeyRule(
        "longcat-image", marks + [.size("txt_in.weight", 1, [3584]), .noFamily("vector_in.")])

    /// What is concatenated to the 64 channels of the latents tells the editing variants apart.
    static let flux1 = KeyRule(
        "flux1", marks,
        [
            .init("dev-fill", guided + [.size("img_in.weight", 1, [384])]),
            .init("dev-depth-or-canny", guided + [.size("img_in.weight", 1, [128])]),
            .init("dev-control", guided + [.sizeNot("img_in.weight", 1, [64])]),
            .init("dev", guided),
            .init("schnell-fill", [.size("img_in.weight", 1, [384])]),
            .init("schnell-control", [.sizeNot("img_in.weight", 1, [64])]),
            .init("schnell"),
        ])

    private static let guided: [KeyTest] = [.key("guidance_in.in_layer.weight")]
}
