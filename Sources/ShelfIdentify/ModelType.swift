/// What a model is used as, in Civitai's words. `docs/model-types.md` prints the table of names.
public enum ModelType: String, Sendable, Hashable, CaseIterable {
    case checkpoint = "Checkpoint"
    case textualInversion = "TextualInversion"
    case hypernetwork = "Hypernetwork"
    case aestheticGradient = "AestheticGradient"
    case lora = "LORA"
    /// Also LoHa, LoKr and the other methods of LyCORIS, as on Civitai.
    case locon = "LoCon"
    case dora = "DoRA"
    /// Also T2I-Adapter, IP-Adapter and other control models, as on Civitai.
    case controlnet = "Controlnet"
    case upscaler = "Upscaler"
    case motionModule = "MotionModule"
    case vae = "VAE"
    case textEncoder = "TextEncoder"
    /// A diffusion model without its companions: only the UNet or the transformer.
    case unet = "UNet"
    case clipVision = "CLIPVision"
    case poses = "Poses"
    case wildcards = "Wildcards"
    case workflows = "Workflows"
    case comfyWorkflows = "ComfyWorkflows"
    case detection = "Detection"
    case visionLanguage = "VisionLanguage"
    case clip = "CLIP"
    case llm = "LLM"
    case other = "Other"

    /// One row of the table of names.
    public struct Row: Sendable {
        public let type: ModelType
        /// Other names that people and programs use. Case, spaces, `-`, `_` and `.` do not count.
        public let aliases: [String]
    }

    /// The one table of names.
    public static let table: [Row] = [
        Row(type: .checkpoint, aliases: ["SD", "checkpoints", "ckpt", "Stable-diffusion", "main", "model"]),
        Row(
            type: .textualInversion,
            aliases: ["TI", "embedding", "embeddings", "textual_inversions", "negative"]),
        Row(type: .hypernetwork, aliases: ["HN", "hypernetworks", "hypernet"]),
        Row(type: .aestheticGradient, aliases: ["AG", "aesthetic", "aesthetic_embeddings"]),
        Row(type: .lora, aliases: ["loras"]),
        Row(type: .locon, aliases: ["LyCORIS", "LoHa", "LoKr", "locons"]),
        Row(type: .dora, aliases: ["doras"]),
        Row(
            type: .controlnet,
            aliases: [
                "CN", "control", "controlnets", "control_lora", "T2IAdapter", "T2I", "IPAdapter", "ip_adapters",
            ]),
        Row(type: .upscaler, aliases: ["SR", "upscalers", "upscale_models", "ESRGAN", "RealESRGAN", "SwinIR"]),
        Row(type: .motionModule, aliases: ["MM", "motion", "motion_modules", "AnimateDiff", "animatediff_models"]),
        Row(type: .vae, aliases: ["vaes", "autoencoder"]),
        Row(type: .textEncoder, aliases: ["TE", "text_encoders", "T5"]),
        Row(type: .unet, aliases: ["unets", "diffusion_model", "diffusion_models", "DiT", "transformer"]),
        Row(type: .clipVision, aliases: ["vision_encoder", "image_encoder"]),
        Row(type: .poses, aliases: ["pose"]),
        Row(type: .wildcards, aliases: ["wildcard"]),
        Row(type: .workflows, aliases: ["workflow"]),
        Row(type: .comfyWorkflows, aliases: ["comfy_workflow"]),
        Row(type: .detection, aliases: ["DETAILER", "detailers", "ADetailer", "detector", "ultralytics", "YOLO"]),
        Row(type: .visionLanguage, aliases: ["VLM"]),
        Row(type: .clip, aliases: ["clips"]),
        Row(type: .llm, aliases: ["language_model"]),
        Row(type: .other, aliases: ["unknown", "misc"]),
    ]

    private static let byName: [String: ModelType] = {
        var names: [String: ModelType] = [:]
        for row in table {
            for name in [row.type.rawValue] + row.aliases { names[plain(name)] = row.type }
        }
        return names
    }()

    /// The type of a name in any case: Civitai's own or an alias of ``table``.
    public init?(alias: String) {
        guard let type = ModelType.byName[ModelType.plain(alias)] else { return nil }
        self = type
    }

    private static func plain(_ name: String) -> String {
        String(decoding: name.lowercased().utf8.filter { !" -_.".utf8.contains($0) }, as: UTF8.self)
    }
}
