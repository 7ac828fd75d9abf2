internal import ShelfFormats

/// Recognises embeddings (textual inversion): a few small tensors, one row for each token.
enum EmbeddingIdentifier {
    private static let tensorLimit = 10
    /// Bytes of all tensors together.
    private static let sizeLimit: UInt64 = 4 << 20

    /// Width of a text encoder's embedding to the architecture.
    private static let widths: [UInt64: String] = [768: "sd1", 1024: "sd2", 1280: "sdxl", 4096: "flux1"]

    static func identify(_ header: FileHeader, into answer: inout Identification) -> Bool {
        let tensors = header.tensors
        guard tensors.count < tensorLimit, header.size < Int64(clamping: sizeLimit) else { return false }
        func width(_ name: String) -> UInt64? {
            tensors.first { $0.name.elementsEqual(name.utf8) }?.shape.last
        }
        if let first = width("clip_l"), first == 768 {
            answer.architecture =
                width("clip_g") == 1280 ? "sdxl" : width("t5xxl") != nil || width("t5") != nil ? "flux1" : "sd1"
            if width("clip_g") != nil, width("t5xxl") != nil || width("t5") != nil { answer.architecture = "sd3" }
            answer.evidence = ["clip_l"]
        } else if width("clip_g") == 1280 {
            answer.architecture = "sdxl"
            answer.evidence = ["clip_g"]
        } else if let width = width("emb_params") {
            answer.architecture = widths[width]
            answer.evidence = ["emb_params of width \(width)"]
        } else if tensors.count == 1, let tensor = tensors.first, let width = tensor.shape.last,
            tensor.shape.count <= 2,
            let architecture = widths[width], isToken(tensor.name)
        {
            answer.architecture = architecture
            answer.evidence = ["one tensor of width \(width)"]
            answer.triggerWords = [tensor.displayName]
        } else {
            return false
        }
        answer.type = .textualInversion
        answer.kind = "embedding"
        answer.confidence = "shape"
        return true
    }

    /// A token's text has no dots, unlike the names of a network's tensors.
    private static func isToken(_ name: [UInt8]) -> Bool {
        name.first == UInt8(ascii: "<") || !name.contains(UInt8(ascii: "."))
    }
}
