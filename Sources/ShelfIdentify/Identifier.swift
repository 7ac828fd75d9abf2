public import ShelfBase
public import ShelfFormats

/// Says what a file is from its header: marks of formats and adapters first, because they are the surest, then the
/// diffusion models, then what stands alone.
public enum Identifier {
    public static func identify(_ header: FileHeader, name: FilePath) -> Identification {
        var answer = Identification()
        let precision = Precision(header.tensors)
        answer.precision = precision.name
        answer.quantisation = precision.quantisation
        answer.parameters = precision.parameters
        answer.tensorCount = header.tensors.count
        if !header.tensors.isEmpty { identify(header, KeyIndex(header.tensors), into: &answer) }
        MetadataReader(header).apply(to: &answer, name: name)
        if answer.type == .textualInversion, answer.triggerWords.isEmpty {
            answer.triggerWords = [name.stem.display]
        }
        nameBaseModel(&answer)
        return answer
    }

    private static func identify(_ header: FileHeader, _ index: KeyIndex, into answer: inout Identification) {
        let keys = KeyView(index)
        if let row = first(ControlTable.beforeAdapters, keys) {
            apply(row, keys, to: &answer)
            return
        }
        let adapter = AdapterReader(header.tensors)
        if adapter.isAdapter {
            AdapterIdentifier.identify(adapter, header, into: &answer)
            return
        }
        if EmbeddingIdentifier.identify(header, into: &answer) { return }
        let companions = Companions(header.tensors)
        answer.hasTextEncoder = companions.hasTextEncoder
        answer.hasVAE = companions.hasVAE
        if let row = first(ControlTable.rows, keys) {
            apply(row, keys, to: &answer)
            return
        }
        if let (verdict, prefix) = DiffusionDetector(index: index, companions: companions).detect() {
            apply(verdict, to: &answer)
            // A file in a checkpoint's layout is filed as one, by people and by Civitai, though it may lack the
            // companions; one with the bare UNet or transformer is loaded from another place.
            let isWhole = companions.hasTextEncoder || companions.hasVAE || prefix == DiffusionDetector.checkpointPrefix
            answer.type = isWhole ? .checkpoint : .unet
            if !prefix.isEmpty { answer.evidence.insert("prefix \(prefix)", at: 0) }
            if companions.hasAverage { answer.evidence.append("model_ema.*") }
            return
        }
        identifyStandalone(index, into: &answer)
    }

    /// Upscalers, autoencoders and encoders, which have no prefix of a diffusion model.
    private static func identifyStandalone(_ index: KeyIndex, into answer: inout Identification) {
        for prefix in VAETable.prefixes {
            guard let verdict = VAETable.rules.firstVerdict(KeyView(index, prefix: prefix)) else { continue }
            apply(verdict, to: &answer)
            answer.type = .vae
            answer.hasVAE = true
            answer.alternatives += VAETable.lookalikes[verdict.architecture] ?? []
            return
        }
        for prefix in UpscalerTable.prefixes {
            guard let verdict = UpscalerTable.rules.firstVerdict(KeyView(index, prefix: prefix)) else { continue }
            apply(verdict, to: &answer)
            answer.type = .upscaler
            answer.kind = verdict.architecture
            return
        }
        for prefix in EncoderTable.prefixes {
            let keys = KeyView(index, prefix: prefix)
            if let verdict = EncoderTable.text.firstVerdict(keys) {
                apply(verdict, to: &answer)
                answer.type = .textEncoder
                answer.hasTextEncoder = true
                return
            }
            if let verdict = EncoderTable.vision.firstVerdict(keys) {
                apply(verdict, to: &answer)
                answer.type = .clipVision
                return
            }
        }
    }

    private static func apply(_ verdict: Verdict, to answer: inout Identification) {
        answer.architecture = verdict.architecture
        answer.variant = verdict.variant
        answer.confidence = verdict.confidence
        answer.evidence = verdict.evidence
        answer.alternatives = verdict.alternatives
    }

    private static func first(_ rows: [ControlTable.Row], _ keys: KeyView) -> ControlTable.Row? {
        rows.first { row in row.tests.allSatisfy { $0.holds(keys) } }
    }

    private static func apply(_ row: ControlTable.Row, _ keys: KeyView, to answer: inout Identification) {
        answer.type = row.type
        answer.kind = row.kind
        answer.evidence = row.tests.compactMap(\.evidence)
        answer.architecture = row.architecture ?? ControlBase.architecture(keys)
        if row.architecture == nil, answer.architecture != nil { answer.confidence = "shape" }
    }

    /// Civitai's name when the header leaves no choice, otherwise the names that it leaves.
    private static func nameBaseModel(_ answer: inout Identification) {
        guard let architecture = answer.architecture, answer.baseModel == nil else { return }
        let belongsToModel = answer.type != .vae && answer.type != .textEncoder && answer.type != .clipVision
        guard belongsToModel else { return }
        // Adapters for SD 3 and SD 3.5 of one size are alike.
        let isOpen = architecture == "sd3" && answer.rank != nil
        if answer.alternatives.isEmpty, !isOpen {
            answer.baseModel = BaseModelTable.name(architecture, answer.variant)
        }
        guard answer.baseModel == nil else { return }
        let candidates = BaseModelTable.candidates[architecture] ?? []
        if candidates.count == 1, answer.alternatives.isEmpty {
            answer.baseModel = candidates[0]
        } else {
            answer.alternatives += candidates.filter { !answer.alternatives.contains($0) }
        }
    }
}

/// The architecture that a control model is for, by the width of the text embedding it takes.
enum ControlBase {
    static func architecture(_ keys: KeyView) -> String? {
        for tensor in keys.index.tensors {
            guard tensor.shape.count >= 2, let width = tensor.shape.last,
                endings.contains(where: { Bytes.hasSuffix(tensor.name, $0) })
            else { continue }
            if let architecture = ControlTable.contexts[width] { return architecture }
        }
        return nil
    }

    private static let endings = ["attn2.to_k.weight", "to_k_ip.weight", "attn2.to_k.down", "attn2.to_k.up"].map {
        Array($0.utf8)
    }
}
