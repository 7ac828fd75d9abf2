internal import ShelfBase

/// What metadata and names say about the base model. They decide only where the tensors leave a choice.
enum ArchitectureClaims {
    static func apply(_ metadata: MetadataReader, to answer: inout Identification, name: FilePath) {
        let words = [
            metadata.value("ss_base_model_version"), metadata.value("modelspec.architecture"),
            metadata.value("modelspec.base_model"), metadata.value("base_model"), metadata.value("architecture"),
        ].compactMap { $0?.lowercased() }
        if answer.type == nil { typeFromSpecification(metadata, &answer) }
        guard let word = words.first else {
            preferByName(metadata, &answer, name)
            return
        }
        chooseArchitecture(words, &answer)
        for word in words {
            let bare = String(word.prefix { $0 != "/" })
            guard let claim = BaseModelTable.claims[bare], claim.architecture == answer.architecture else { continue }
            answer.baseModel = claim.name
            answer.evidence.append("metadata says \(shown(word))")
            return
        }
        if answer.architecture != nil, !answer.evidence.isEmpty {
            answer.evidence.append("metadata says \(shown(word))")
        }
        preferByName(metadata, &answer, name)
    }

    private static func shown(_ word: String) -> String { String(word.prefix(80)) }

    /// Takes the architecture from metadata when the tensors leave it open or name it among others.
    private static func chooseArchitecture(_ words: [String], _ answer: inout Identification) {
        let claimed = words.lazy.compactMap { architecture($0) }.first
        guard let claimed else { return }
        if answer.architecture == nil, answer.type != nil {
            answer.architecture = claimed
            answer.confidence = "metadata"
        } else if let current = answer.architecture, current != claimed, answer.alternatives.contains(claimed) {
            answer.architecture = claimed
            answer.alternatives = answer.alternatives.map { $0 == claimed ? current : $0 }
            answer.variant = nil
            answer.confidence = "metadata"
        } else if answer.architecture == claimed, answer.alternatives.allSatisfy({ isArchitecture($0) }) {
            answer.alternatives = []
        }
    }

    private static func isArchitecture(_ word: String) -> Bool { openings.contains { $0.architecture == word } }

    /// How the words of trainers and of the model specification start, longer ones first.
    private static let openings: [(word: String, architecture: String)] = [
        ("stable-diffusion-xl-v1-refiner", "sdxl-refiner"), ("stable-diffusion-xl", "sdxl"), ("sdxl", "sdxl"),
        ("stable-diffusion-v3", "sd3"), ("stable-diffusion-3", "sd3"), ("sd3", "sd3"), ("3-5-", "sd3"),
        ("5-medium", "sd3"), ("5-large", "sd3"), ("medium", "sd3"), ("stable-diffusion-v2", "sd2"), ("sd-v2", "sd2"),
        ("stable-diffusion-v1", "sd1"), ("sd-v1", "sd1"), ("sd-1", "sd1"), ("sd15", "sd1"),
        ("stable-cascade", "cascade"), ("stable-video-diffusion", "svd"), ("pony", "sdxl"), ("illustrious", "sdxl"),
        ("noobai", "sdxl"), ("flux-2", "flux2"), ("flux2", "flux2"), ("flux-1", "flux1"), ("flux1", "flux1"),
        ("flux-kontext", "flux1"), ("flux-dev", "flux1"), ("chroma", "chroma"), ("lumina", "lumina2"),
        ("hunyuan-image", "hunyuan-image"), ("hunyuan-video", "hunyuan-video"), ("framepack", "hunyuan-video"),
        ("qwen-image", "qwen-image"), ("z-image", "z-image"), ("zimage", "z-image"), ("kandinsky5", "kandinsky5"),
        ("ernie", "ernie"), ("krea2", "krea2"), ("krea-2", "krea2"), ("anima", "anima"), ("auraflow", "auraflow"),
        ("pixart", "pixart"), ("wan", "wan"), ("hidream", "hidream"), ("ltx", "ltx"),
        ("segmind-stable-diffusion-1b", "ssd-1b"), ("cosmos", "cosmos"),
    ]

    private static func architecture(_ word: String) -> String? {
        let plain = String(word.map { $0 == "_" || $0 == "." ? "-" : $0 })
        return openings.first { plain.hasPrefix($0.word) }?.architecture
    }

    /// The part after the slash of the model specification's architecture.
    private static let kinds: [String: ModelType] = [
        "lora": .lora, "textual-inversion": .textualInversion, "controlnet": .controlnet, "control-lora": .controlnet,
        "control-net-lllite": .controlnet, "vae": .vae,
    ]

    private static func typeFromSpecification(_ metadata: MetadataReader, _ answer: inout Identification) {
        guard let parts = metadata.value("modelspec.architecture")?.lowercased().split(separator: "/"),
            parts.count == 2,
            let type = kinds[String(parts[1])]
        else { return }
        answer.type = type
        answer.architecture = architecture(String(parts[0]))
        answer.confidence = "metadata"
        answer.evidence.append("modelspec.architecture")
    }

    /// Parts of names that hint at a base model, to Civitai's name.
    private static let hints: [(word: String, name: String)] = [
        ("pony", "Pony"), ("pdxl", "Pony"), ("illustrious", "Illustrious"), ("ilxl", "Illustrious"),
        ("noob", "NoobAI"), ("lightning", "SDXL Lightning"), ("hyper", "SDXL Hyper"), ("kontext", "Flux.1 Kontext"),
        ("krea", "Flux.1 Krea"), ("turbo", "ZImageTurbo"), ("klein", "Flux.2 Klein 9B"),
    ]

    /// Puts first what the file's name, or that of the model it was trained on, hints at.
    private static func preferByName(
        _ metadata: MetadataReader, _ answer: inout Identification, _ name: FilePath
    ) {
        guard let architecture = answer.architecture, let candidates = BaseModelTable.candidates[architecture] else {
            return
        }
        let texts = [metadata.value("ss_sd_model_name"), name.stem.display].compactMap { $0?.lowercased() }
        for text in texts {
            for hint in hints where candidates.contains(hint.name) && text.contains(hint.word) {
                answer.alternatives.removeAll { $0 == hint.name }
                answer.alternatives.append(hint.name)
                return
            }
        }
    }
}
