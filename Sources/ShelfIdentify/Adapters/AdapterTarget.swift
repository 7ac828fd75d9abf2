/// Which part of a model an adapter's module changes, by how its name starts.
struct AdapterTarget: Sendable {
    let prefix: [UInt8]
    /// 0 for the diffusion model, 1 to 3 for its text encoders, 4 for a single or unnumbered one.
    let encoder: Int
    /// The only architecture whose adapters start like this.
    let architecture: String?

    init(_ prefix: String, encoder: Int = 0, architecture: String? = nil) {
        self.prefix = Array(prefix.utf8)
        self.encoder = encoder
        self.architecture = architecture
    }

    /// Longer beginnings stand before the shorter ones that they contain.
    static let table: [AdapterTarget] = [
        AdapterTarget("lora_unet__"), AdapterTarget("lora_unet_"), AdapterTarget("lora_transformer_"),
        AdapterTarget("lora_prior_unet_", architecture: "cascade"),
        AdapterTarget("lora_prior_te_", encoder: 4, architecture: "cascade"),
        AdapterTarget("lora_te1_", encoder: 1), AdapterTarget("lora_te2_", encoder: 2),
        AdapterTarget("lora_te3_", encoder: 3), AdapterTarget("lora_te_", encoder: 4),
        AdapterTarget("lycoris_text_encoder_2_", encoder: 2), AdapterTarget("lycoris_text_encoder_", encoder: 4),
        AdapterTarget("lycoris_unet_"), AdapterTarget("lycoris_transformer_"), AdapterTarget("lycoris_"),
        AdapterTarget("oft_unet_"), AdapterTarget("oft_te1_", encoder: 1), AdapterTarget("oft_te2_", encoder: 2),
        AdapterTarget("oft_te_", encoder: 4),
        AdapterTarget("base_model.model.text_encoder_2.", encoder: 2),
        AdapterTarget("base_model.model.text_encoder.", encoder: 4),
        AdapterTarget("base_model.model.diffusion_model."), AdapterTarget("base_model.model.transformer."),
        AdapterTarget("base_model.model.unet."), AdapterTarget("base_model.model."),
        AdapterTarget("model.diffusion_model."), AdapterTarget("diffusion_model."),
        AdapterTarget("text_encoders.clip_l.transformer.", encoder: 1),
        AdapterTarget("text_encoders.clip_g.transformer.", encoder: 2),
        AdapterTarget("text_encoders.t5xxl.transformer.", encoder: 3), AdapterTarget("text_encoders.", encoder: 4),
        AdapterTarget("text_encoder_3.", encoder: 3), AdapterTarget("text_encoder_2.", encoder: 2),
        AdapterTarget("text_encoder.", encoder: 4),
        AdapterTarget("transformer."), AdapterTarget("unet."), AdapterTarget("dit."), AdapterTarget("net."),
        AdapterTarget("lora_unet.", encoder: 0), AdapterTarget("clip_l.", encoder: 1),
        AdapterTarget("clip_g.", encoder: 2), AdapterTarget("t5.", encoder: 3),
    ]

    /// Rows of the table by their first byte, so that a name is compared with a few of them only.
    private static let rows: [[Int]] = (0..<256).map { byte in
        table.indices.filter { table[$0].prefix.first == UInt8(byte) }
    }

    /// The row of the table that a name starts with; nil for a name without any of the prefixes.
    static func row(_ name: [UInt8]) -> Int? {
        guard let first = name.first else { return nil }
        for row in rows[Int(first)] where Bytes.hasPrefix(name, table[row].prefix) { return row }
        return nil
    }
}
