import ShelfBase
import ShelfFormats
import ShelfIdentify
import Testing

/// UNets that the vectors do not hold, built from their measures.
@Suite struct UNetTests {
    /// The names of the models' authors.
    private static func original(
        width: UInt64 = 320, inputs: UInt64, context: UInt64, depth: [Int], middle: Int, labels: UInt64? = nil,
        extra: [(String, [UInt64])] = []
    ) -> [(String, [UInt64])] {
        let prefix = "model.diffusion_model."
        var shapes: [(String, [UInt64])] = [(prefix + "input_blocks.0.0.weight", [width, inputs, 3, 3])]
        if let labels { shapes.append((prefix + "label_emb.0.0.weight", [width * 4, labels])) }
        for (index, layers) in depth.enumerated() {
            // Every third block only scales down.
            let block = index + 1 + index / 2
            shapes.append((prefix + "input_blocks.\(block).0.in_layers.0.weight", [width]))
            for layer in 0..<layers {
                shapes.append(
                    (
                        prefix + "input_blocks.\(block).1.transformer_blocks.\(layer).attn2.to_k.weight",
                        [width, context]
                    ))
            }
        }
        for layer in 0..<max(0, middle) {
            shapes.append((prefix + "middle_block.1.transformer_blocks.\(layer).attn2.to_k.weight", [width, context]))
        }
        return shapes + extra
    }

    /// The same in the layout of diffusers.
    private static func diffusers(
        inputs: UInt64, context: UInt64, depth: [Int], middle: Int, labels: UInt64? = nil
    ) -> [(String, [UInt64])] {
        var shapes: [(String, [UInt64])] = [("conv_in.weight", [320, inputs, 3, 3])]
        if let labels { shapes.append(("add_embedding.linear_1.weight", [1280, labels])) }
        for (index, layers) in depth.enumerated() {
            let place = "down_blocks.\(index / 2)"
            shapes.append(("\(place).resnets.\(index % 2).conv1.weight", [320, 320, 3, 3]))
            for layer in 0..<layers {
                let name = "\(place).attentions.\(index % 2).transformer_blocks.\(layer).attn2.to_k.weight"
                shapes.append((name, [320, context]))
            }
        }
        for layer in 0..<max(0, middle) {
            shapes.append(("mid_block.attentions.0.transformer_blocks.\(layer).attn2.to_k.weight", [1280, context]))
        }
        return shapes
    }

    private static let small = [1, 1, 1, 1, 1, 1, 0, 0]
    private static let large = [0, 0, 2, 2, 10, 10]

    @Test(
        arguments: [
            ("sd1", "instruct-pix2pix", original(inputs: 8, context: 768, depth: small, middle: 1)),
            (
                "sd1", "stable-zero123",
                original(
                    inputs: 8, context: 768, depth: small, middle: 1, extra: [("cc_projection.weight", [768, 772])])
            ),
            ("sd2", "unclip-l", original(inputs: 4, context: 1024, depth: small, middle: 1, labels: 1536)),
            ("sd2", "inpaint", original(inputs: 9, context: 1024, depth: small, middle: 1)),
            (
                "svd", nil,
                original(
                    inputs: 8, context: 1024, depth: small, middle: 1, labels: 768,
                    extra: [("model.diffusion_model.input_blocks.1.1.time_stack.0.attn1.to_k.weight", [320, 320])])
            ),
            ("sdxl", "normal", original(inputs: 4, context: 2048, depth: large, middle: 10, labels: 2816)),
            ("sdxl", "instruct-pix2pix", original(inputs: 8, context: 2048, depth: large, middle: 10, labels: 2816)),
            (
                "sdxl", "playground-2.5",
                original(
                    inputs: 4, context: 2048, depth: large, middle: 10, labels: 2816,
                    extra: [("edm_mean", [4]), ("edm_std", [4])])
            ),
            (
                "sdxl-refiner", nil,
                original(
                    width: 384, inputs: 4, context: 1280, depth: [0, 0, 4, 4, 4, 4, 0, 0], middle: 4, labels: 2560)
            ),
            ("kolors", nil, original(inputs: 4, context: 2048, depth: large, middle: 10, labels: 5632)),
            ("sd1", "normal", diffusers(inputs: 4, context: 768, depth: small, middle: 1)),
            ("sd2", "normal", diffusers(inputs: 4, context: 1024, depth: small, middle: 1)),
            ("sdxl", "normal", diffusers(inputs: 4, context: 2048, depth: large, middle: 10, labels: 2816)),
            ("ssd-1b", nil, diffusers(inputs: 4, context: 2048, depth: [0, 0, 2, 2, 4, 4], middle: 0, labels: 2816)),
        ] as [(String, String?, [(String, [UInt64])])])
    func measures(_ architecture: String, variant: String?, shapes: [(String, [UInt64])]) {
        let answer = Vectors.identify(shapes)
        #expect(answer.architecture == architecture)
        #expect(answer.variant == variant)
        let isCheckpoint = shapes.contains { $0.0.hasPrefix("model.diffusion_model.") }
        #expect(answer.type == (isCheckpoint ? .checkpoint : .unet))
        #expect(answer.confidence == "shape")
    }

    /// Transformers that the vectors do not hold.
    @Test(
        arguments: [
            (
                "flux1", "schnell",
                [("double_blocks.0.img_attn.norm.key_norm.scale", [128] as [UInt64]), ("img_in.weight", [3072, 64])]
            ),
            (
                "flux2", "klein-9b",
                [
                    ("double_blocks.0.img_attn.norm.key_norm.scale", [128]), ("img_in.weight", [4096, 128]),
                    ("double_stream_modulation_img.lin.weight", [24576, 4096]),
                ]
            ),
            (
                "chroma", nil,
                [
                    ("double_blocks.0.img_attn.norm.key_norm.scale", [128]), ("img_in.weight", [3072, 64]),
                    ("distilled_guidance_layer.norms.0.scale", [5120]),
                ]
            ),
            (
                "sd3", "3.5-large",
                [
                    ("joint_blocks.0.context_block.attn.qkv.weight", [7296, 2432]),
                    ("x_embedder.proj.weight", [2432, 16, 2, 2]),
                ]
            ),
            (
                "wan", "2.2-i2v-a14b",
                [
                    ("head.modulation", [1, 2, 5120]), ("head.head.weight", [64, 5120]),
                    ("patch_embedding.weight", [5120, 36, 1, 2, 2]),
                ]
            ),
            (
                "wan", "t2v-14b",
                [
                    ("head.modulation", [1, 2, 5120]), ("head.head.weight", [64, 5120]),
                    ("patch_embedding.weight", [5120, 16, 1, 2, 2]),
                ]
            ),
            (
                "hunyuan-video", "t2v",
                [
                    ("txt_in.individual_token_refiner.blocks.0.norm1.weight", [3072]),
                    ("img_in.proj.weight", [3072, 16, 1, 2, 2]),
                    ("vector_in.in_layer.weight", [3072, 768]),
                ]
            ),
            (
                "hunyuan-image", "2.1",
                [
                    ("txt_in.individual_token_refiner.blocks.0.norm1.weight", [3584]),
                    ("img_in.proj.weight", [3584, 64, 1, 1]),
                    ("byt5_in.fc1.weight", [2048, 1472]),
                ]
            ),
            (
                "z-image", nil,
                [
                    ("cap_embedder.1.weight", [3840, 2560]), ("noise_refiner.0.attention.k_norm.weight", [128]),
                    ("cap_pad_token", [1, 3840]),
                ]
            ),
            (
                "anima", nil,
                [
                    ("blocks.0.mlp.layer1.weight", [8192, 2048]), ("x_embedder.proj.1.weight", [2048, 68]),
                    ("llm_adapter.blocks.0.cross_attn.q_proj.weight", [1024, 1024]),
                ]
            ),
            ("cascade", "stage-b", [("clf.1.weight", [16, 320, 1, 1]), ("clip_mapper.weight", [5120, 1280])]),
            ("ltx", "2b", [("adaln_single.emb.timestep_embedder.linear_1.bias", [2048])]),
            (
                "cosmos", "1.0-7b-video2world",
                [
                    ("blocks.block0.blocks.0.block.attn.to_q.0.weight", [4096, 4096]),
                    ("x_embedder.proj.1.weight", [4096, 72]),
                ]
            ),
        ] as [(String, String?, [(String, [UInt64])])])
    func transformers(_ architecture: String, variant: String?, shapes: [(String, [UInt64])]) {
        for prefix in ["", "model.diffusion_model."] {
            let answer = Vectors.identify(shapes.map { (prefix + $0.0, $0.1) })
            #expect(answer.architecture == architecture)
            #expect(answer.variant == variant)
            #expect(answer.type == (prefix.isEmpty ? .unet : .checkpoint))
        }
    }
}
