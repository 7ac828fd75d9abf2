/// The variants of Wan: what is added to the plain model, and how large it is.
enum WanTable {
    /// What a variant's name starts with, in the order of the tests.
    private static let kinds: [(name: String, tests: [KeyTest])] = [
        ("vace", [.family("vace_patch_embedding.")]),
        ("2.1-camera", [.family("control_adapter.conv"), .family("img_emb.")]),
        ("2.2-camera", [.family("control_adapter.conv")]),
        ("s2v", [.family("casual_audio_encoder.encoder.final_linear")]),
        ("humo", [.family("audio_proj.audio_proj_glob_1.layer")]),
        ("animate", [.family("face_adapter.fuser_blocks.0.k_norm")]),
        ("scail2", [.family("patch_embedding_mask")]),
        ("scail", [.family("patch_embedding_pose")]),
        ("dancer", [.family("patch_embedding_global")]),
        ("fun-1.1", [.family("ref_conv.")]),
        ("2.1-flf2v", [.key("img_emb.emb_pos")]),
        ("2.1-i2v", [.key("img_emb.proj.0.bias"), .size("patch_embedding.weight", 1, [36])]),
        ("fun", [.size("patch_embedding.weight", 1, [48, 52]), .size("head.head.weight", 0, [64])]),
        ("2.1-i2v", [.key("img_emb.proj.0.bias")]),
        ("2.2-ti2v", [.size("patch_embedding.weight", 1, [48]), .size("head.head.weight", 0, [192])]),
        // Image to video without an image encoder came with the two experts of 2.2.
        ("2.2-i2v-a", [.size("patch_embedding.weight", 1, [36])]),
        ("camera", [.size("patch_embedding.weight", 1, [32])]),
        ("t2v", []),
    ]

    /// Hidden size to number of parameters.
    private static let sizes: [UInt64: String] = [1536: "1.3b", 3072: "5b", 5120: "14b"]

    /// The variant of a model that has the marks of Wan.
    static func variant(_ keys: KeyView) -> (name: String?, alternatives: [String]) {
        guard let kind = kinds.first(where: { $0.tests.allSatisfy { $0.holds(keys) } })?.name else { return (nil, []) }
        guard let size = keys.dimension("head.modulation", -1).flatMap({ sizes[$0] }) else { return (kind, []) }
        let name = kind.hasSuffix("-a") ? kind + size : "\(kind)-\(size)"
        // The plain text-to-video models of 14 billion have the same header in 2.1 and in both experts of 2.2.
        return (name, name == "t2v-14b" ? ["2.1-t2v-14b", "2.2-t2v-a14b"] : [])
    }
}
