public import ShelfBase

/// What a file is, as far as its header tells.
public struct Identification: Sendable {
    /// Nil when nothing is recognised.
    public var type: ModelType?
    /// The structural family: `sd1 sd2 sdxl sd3 flux1 wan …`.
    public var architecture: String?
    /// Civitai's name of the base model; nil while only the architecture is known.
    public var baseModel: String?
    public var variant: String?
    /// What it is more exactly than its type: `lora locon loha lokr dora …`, `ip-adapter`, `esrgan`.
    public var kind: String?
    /// `fp32 fp16 bf16 fp8 …`, or `mixed`.
    public var precision: String?
    /// Marks of a quantisation, such as `fp8-scaled`.
    public var quantisation: String?
    /// Elements of all tensors.
    public var parameters: UInt64 = 0
    public var tensorCount = 0
    /// Of an adapter: the rank of most of its modules.
    public var rank: Int?
    /// Of an adapter, as its metadata says.
    public var alpha: Double?
    public var triggerWords: [String] = []
    /// The most frequent tags of the training captions.
    public var frequentTags: [String] = []
    /// The trainer's settings, with their prefixes removed and their values read.
    public var training = JSONObject()
    /// Digests that the header names. They are claims, never proofs.
    public var claimedHashes = JSONObject()
    public var title: String?
    public var author: String?
    public var description: String?
    public var license: String?
    /// What the least certain part of the answer rests on: `exact`, `shape`, `metadata` or `name`.
    public var confidence = "exact"
    /// Tensors, sizes and metadata that decided.
    public var evidence: [String] = []
    /// What else it could be: architectures, then Civitai's base models.
    public var alternatives: [String] = []
    public var hasTextEncoder = false
    public var hasVAE = false

    public init() {}
}
