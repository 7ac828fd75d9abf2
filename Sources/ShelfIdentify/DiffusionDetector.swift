internal import ShelfFormats

/// Finds a diffusion model among a file's tensors, under whatever prefix it was saved.
struct DiffusionDetector {
    let index: KeyIndex
    let companions: Companions

    /// Where a checkpoint keeps its diffusion model, beside a text encoder and an autoencoder.
    static let checkpointPrefix = "model.diffusion_model."

    /// Prefixes under which programs save a diffusion model, the usual ones first.
    private static let prefixes = [
        checkpointPrefix, "model.model.", "net.", "diffusion_model.", "transformer.", "unet.", "dit.",
        "module.", "model.", "",
    ]

    /// What a diffusion model in the file is, and under which prefix.
    func detect() -> (verdict: Verdict, prefix: String)? {
        for prefix in DiffusionDetector.prefixes where prefix.isEmpty || index.hasPrefix(Array(prefix.utf8)) {
            if let verdict = verdict(KeyView(index, prefix: prefix)) { return (verdict, prefix) }
        }
        return nil
    }

    private func verdict(_ keys: KeyView) -> Verdict? {
        if keys.has("input_blocks.0.0.weight") || keys.has("conv_in.weight") && keys.hasFamily("down_blocks.0.") {
            if let verdict = UNetFingerprint(keys)?.verdict() { return verdict }
        }
        guard var verdict = DiffusionTable.rules.firstVerdict(keys) ?? DiffusersTable.rules.firstVerdict(keys) else {
            return nil
        }
        if verdict.architecture == "wan", keys.has("head.modulation") {
            let (variant, alternatives) = WanTable.variant(keys)
            verdict.variant = variant
            verdict.alternatives += alternatives
        }
        return verdict
    }
}

/// Parts that stand beside a diffusion model in a complete checkpoint.
struct Companions {
    private(set) var hasTextEncoder = false
    private(set) var hasVAE = false
    private(set) var hasAverage = false

    private static let textEncoders = [
        "cond_stage_model.", "conditioner.embedders.", "text_encoders.", "text_encoder.", "text_encoder_2.",
        "text_encoder_3.",
    ].map { Array($0.utf8) }
    private static let autoencoders = ["first_stage_model.", "vae."].map { Array($0.utf8) }
    private static let average = Array("model_ema.".utf8)

    init(_ tensors: [Tensor]) {
        for tensor in tensors {
            switch tensor.name.first {
            case UInt8(ascii: "c"), UInt8(ascii: "t"):
                hasTextEncoder = hasTextEncoder || Companions.textEncoders.contains { Bytes.hasPrefix(tensor.name, $0) }
            case UInt8(ascii: "f"), UInt8(ascii: "v"):
                hasVAE = hasVAE || Companions.autoencoders.contains { Bytes.hasPrefix(tensor.name, $0) }
            case UInt8(ascii: "m"): hasAverage = hasAverage || Bytes.hasPrefix(tensor.name, Companions.average)
            default: break
            }
        }
    }
}
