/// The words that AIR names use for base models and model types, as the site's server makes them.
public enum Ecosystems {
    /// A base model's name as the site writes it, whatever its case and with or without blanks; unknown ones as they are.
    /// The service takes another spelling for a name that it does not know.
    static func spelled(_ baseModel: String) -> String { spellings[Spelling.plain(baseModel)] ?? baseModel }

    private static let spellings: [String: String] = {
        var spellings: [String: String] = [:]
        for name in families.flatMap(\.baseModels) { spellings[Spelling.plain(name)] = name }
        return spellings
    }()

    /// The word for a base model's name; the name in lower case when it is not in the table.
    public static func ecosystem(baseModel: String) -> String {
        table[baseModel.lowercased()] ?? baseModel.lowercased()
    }

    /// The word for a model type, unless the type of the main file says more.
    public static func type(modelType: String, primaryFileType: String? = nil) -> String {
        switch primaryFileType?.lowercased() {
        case "diffusion model": "diffusionmodel"
        case "unet": "unet"
        default: types[modelType.lowercased()] ?? "unknown"
        }
    }

    private static let types: [String: String] = [
        "checkpoint": "checkpoint", "lora": "lora", "dora": "dora", "locon": "lycoris",
        "textualinversion": "embedding", "hypernetwork": "hypernet", "aestheticgradient": "ag",
        "motionmodule": "motion", "upscaler": "upscaler", "vae": "vae", "controlnet": "controlnet",
        "textencoder": "text_encoders", "unet": "unet", "clipvision": "clipvision", "clip": "clip",
        "visionlanguage": "visionlanguage",
    ]

    /// Base models, by the lower-case word of the family at the root of theirs. Source: the site's
    /// `basemodel.constants.ts`, August 2026.
    private static let families: [(ecosystem: String, baseModels: [String])] = [
        ("anima", ["Anima"]),
        ("auraflow", ["AuraFlow", "Pony V7"]),
        ("chroma", ["Chroma"]),
        ("cogvideox", ["CogVideoX"]),
        ("ernie", ["Ernie"]),
        ("flux1", ["Flux.1 S", "Flux.1 D"]),
        ("fluxkrea", ["Flux.1 Krea"]),
        ("flux1kontext", ["Flux.1 Kontext"]),
        ("flux2", ["Flux.2 D", "Flux.2 Klein 9B", "Flux.2 Klein 9B-base", "Flux.2 Klein 4B", "Flux.2 Klein 4B-base"]),
        ("flux3video", ["Flux 3 Video"]),
        ("grok", ["Grok"]),
        ("happyhorse", ["HappyHorse"]),
        ("hidream", ["HiDream"]),
        ("hidream-o1", ["HiDream-O1"]),
        ("hydit1", ["Hunyuan 1"]),
        ("hyv1", ["Hunyuan Video"]),
        ("ideogram", ["Ideogram 4.0"]),
        ("boogu", ["Boogu"]),
        (
            "sdxl",
            [
                "Illustrious", "NoobAI", "Pony", "SDXL 0.9", "SDXL 1.0", "SDXL 1.0 LCM", "SDXL Lightning", "SDXL Hyper",
                "SDXL Turbo",
            ]
        ),
        ("imagen4", ["Imagen4"]),
        ("kolors", ["Kolors"]),
        ("krea2", ["Krea 2"]),
        ("ltxv", ["LTXV"]),
        ("ltxv2", ["LTXV2"]),
        ("ltxv23", ["LTXV 2.3"]),
        ("lens", ["Lens"]),
        ("lumina", ["Lumina"]),
        ("mageflow", ["MageFlow"]),
        ("mai", ["MAI"]),
        ("mochi", ["Mochi"]),
        ("nanobanana", ["Nano Banana"]),
        ("odor", ["ODOR"]),
        ("openai", ["OpenAI"]),
        ("other", ["Upscaler", "Other"]),
        ("pixarta", ["PixArt a"]),
        ("pixarte", ["PixArt E"]),
        ("playgroundv2", ["Playground v2"]),
        ("qwen", ["Qwen"]),
        ("qwen2", ["Qwen 2"]),
        ("qwen3", ["Qwen 3"]),
        ("scascade", ["Stable Cascade"]),
        ("sd1", ["SD 1.4", "SD 1.5", "SD 1.5 LCM", "SD 1.5 Hyper"]),
        ("sd2", ["SD 2.0", "SD 2.0 768", "SD 2.1", "SD 2.1 768", "SD 2.1 Unclip"]),
        ("sd3", ["SD 3", "SD 3.5", "SD 3.5 Large", "SD 3.5 Large Turbo"]),
        ("sd3_5m", ["SD 3.5 Medium"]),
        ("sdxldistilled", ["SDXL Distilled"]),
        ("reve", ["Reve"]),
        ("seedream", ["Seedream"]),
        ("svd", ["SVD", "SVD XT"]),
        ("sora2", ["Sora 2"]),
        ("veo3", ["Veo 3"]),
        ("wanvideo", ["Wan Video"]),
        ("wanvideo1_3b_t2v", ["Wan Video 1.3B t2v"]),
        ("wanvideo14b_t2v", ["Wan Video 14B t2v"]),
        ("wanvideo14b_i2v_480p", ["Wan Video 14B i2v 480p"]),
        ("wanvideo14b_i2v_720p", ["Wan Video 14B i2v 720p"]),
        ("wanvideo-22-ti2v-5b", ["Wan Video 2.2 TI2V-5B"]),
        ("wanvideo-22-i2v-a14b", ["Wan Video 2.2 I2V-A14B"]),
        ("wanvideo-22-t2v-a14b", ["Wan Video 2.2 T2V-A14B"]),
        ("wanvideo-25-t2v", ["Wan Video 2.5 T2V"]),
        ("wanvideo-25-i2v", ["Wan Video 2.5 I2V"]),
        ("wanimage27", ["Wan Image 2.7"]),
        ("wanvideo27", ["Wan Video 2.7"]),
        ("zimageturbo", ["ZImageTurbo"]),
        ("zimagebase", ["ZImageBase"]),
        ("vidu", ["Vidu Q1"]),
        ("minimaxh3", ["MiniMax H3"]),
        ("kling", ["Kling"]),
        ("seedance", ["Seedance"]),
        ("ace", ["ACE Audio"]),
        ("polygen", ["PolyGen"]),
        ("tripo", ["Tripo"]),
        ("hunyuan3d", ["Hunyuan3D"]),
    ]

    private static let table: [String: String] = {
        var table: [String: String] = [:]
        for family in families {
            for name in family.baseModels { table[name.lowercased()] = family.ecosystem }
        }
        return table
    }()
}
