/// Civitai's names of base models, as far as a header alone is enough.
enum BaseModelTable {
    /// Architecture and variant to the one name that fits; a row without variant stands for all variants.
    private static let certain: [(architecture: String, variant: String?, name: String)] = [
        ("sdxl-refiner", nil, "SDXL 1.0"),
        ("sd2", "unclip-h", "SD 2.1 Unclip"), ("sd2", "unclip-l", "SD 2.1 Unclip"),
        ("sd3", "medium", "SD 3"), ("sd3", "3.5-medium", "SD 3.5 Medium"),
        ("flux1", "schnell", "Flux.1 S"), ("flux1", "dev-fill", "Flux.1 D"),
        ("flux1", "dev-depth-or-canny", "Flux.1 D"), ("flux1", "control", "Flux.1 D"),
        ("flux2", "dev", "Flux.2 D"),
        ("flux3-video", nil, "Flux 3 Video"),
        ("chroma", nil, "Chroma"), ("cascade", nil, "Stable Cascade"), ("kolors", nil, "Kolors"),
        ("hunyuan-dit", nil, "Hunyuan 1"),
        ("hunyuan-video", "t2v", "Hunyuan Video"), ("hunyuan-video", "i2v", "Hunyuan Video"),
        ("hunyuan3d", nil, "Hunyuan3D"),
        ("pixart", "alpha", "PixArt a"), ("pixart", "sigma", "PixArt E"),
        ("lumina2", nil, "Lumina"), ("mochi", nil, "Mochi"), ("cogvideox", nil, "CogVideoX"),
        ("ltx", "2b", "LTXV"), ("ltx", "13b", "LTXV"), ("ltx", "2", "LTXV2"), ("ltx", "2.3", "LTXV 2.3"),
        ("wan", "t2v-1.3b", "Wan Video 1.3B t2v"), ("wan", "2.2-ti2v-5b", "Wan Video 2.2 TI2V-5B"),
        ("wan", "2.2-i2v-a14b", "Wan Video 2.2 I2V-A14B"),
        ("qwen-image", "2", "Qwen 2"), ("qwen-image", nil, "Qwen"),
        ("hidream", nil, "HiDream"), ("hidream-o1", nil, "HiDream-O1"), ("krea2", nil, "Krea 2"),
        ("ideogram4", nil, "Ideogram 4.0"), ("ernie", nil, "Ernie"), ("lens", nil, "Lens"),
        ("mageflow", nil, "MageFlow"), ("boogu", nil, "Boogu"), ("minimax-h3", nil, "MiniMax H3"),
        ("ace", nil, "ACE Audio"),
    ]

    /// Names that an architecture stands for, the usual one first, when the header cannot choose.
    static let candidates: [String: [String]] = [
        "sd1": ["SD 1.5", "SD 1.4", "SD 1.5 LCM", "SD 1.5 Hyper"],
        "sd2": ["SD 2.1", "SD 2.1 768", "SD 2.0", "SD 2.0 768"],
        "sdxl": [
            "SDXL 1.0", "Illustrious", "Pony", "NoobAI", "SDXL Lightning", "SDXL Hyper", "SDXL Turbo", "SDXL 0.9",
        ],
        "sd3": ["SD 3.5 Large", "SD 3.5 Large Turbo", "SD 3.5 Medium", "SD 3"],
        "flux1": ["Flux.1 D", "Flux.1 Krea", "Flux.1 Kontext", "Flux.1 S"],
        "flux2": ["Flux.2 D", "Flux.2 Klein 9B", "Flux.2 Klein 9B-base", "Flux.2 Klein 4B", "Flux.2 Klein 4B-base"],
        "svd": ["SVD", "SVD XT"], "auraflow": ["AuraFlow", "Pony V7"],
        "wan": ["Wan Video 14B t2v", "Wan Video 2.2 T2V-A14B", "Wan Video 14B i2v 480p", "Wan Video 14B i2v 720p"],
        "z-image": ["ZImageTurbo", "ZImageBase"], "anima": ["Anima"],
    ]

    /// Words that trainers write about the base model, in lower case, to Civitai's name. They count only when the
    /// tensors fit the architecture.
    static let claims: [String: (architecture: String, name: String)] = [
        "pony": ("sdxl", "Pony"), "illustrious": ("sdxl", "Illustrious"), "noobai": ("sdxl", "NoobAI"),
        "flux_kontext": ("flux1", "Flux.1 Kontext"), "flux-1-schnell": ("flux1", "Flux.1 S"),
        "flux.1-schnell": ("flux1", "Flux.1 S"), "flux_2_dev": ("flux2", "Flux.2 D"),
        "flux_2_klein_4b": ("flux2", "Flux.2 Klein 4B"), "flux_2_klein_9b": ("flux2", "Flux.2 Klein 9B"),
        "anima": ("anima", "Anima"), "chroma": ("chroma", "Chroma"),
    ]

    static func name(_ architecture: String, _ variant: String?) -> String? {
        let rows = certain.filter { $0.architecture == architecture }
        return (rows.first { $0.variant != nil && $0.variant == variant } ?? rows.first { $0.variant == nil })?.name
    }
}
