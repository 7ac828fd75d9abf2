/// UNets of the latent diffusion family by their measures, in the order of the tests.
enum UNetTable {
    struct Row: Sendable {
        let architecture: String
        let variant: String?
        /// Channels of the first layer.
        var width: UInt64 = 320
        /// Width of the text embedding that cross-attention takes.
        var context: UInt64?
        /// Transformer blocks after each residual block on the way down.
        var depth: [Int]?
        /// Transformer blocks in the middle; -1 when the middle has none.
        var middle: Int?
        /// Width of the additional embedding; nil when it does not matter, empty when there must be none.
        var labels: [UInt64]?
        var inputs: [UInt64]?
        var temporal: Bool?
        /// Tensors without prefix that must be there.
        var marks: [String] = []

        init(
            _ architecture: String, _ variant: String? = nil, width: UInt64 = 320, context: UInt64? = nil,
            depth: [Int]? = nil, middle: Int? = nil, labels: [UInt64]? = nil, inputs: [UInt64]? = nil,
            temporal: Bool? = nil, marks: [String] = []
        ) {
            self.architecture = architecture
            self.variant = variant
            self.width = width
            self.context = context
            self.depth = depth
            self.middle = middle
            self.labels = labels
            self.inputs = inputs
            self.temporal = temporal
            self.marks = marks
        }
    }

    private static let xl = [0, 0, 2, 2, 10, 10]

    static let rows: [Row] = [
        Row("svd", context: 1024, labels: [768], temporal: true),
        Row("svd", "sv3d-u", context: 1024, labels: [256], temporal: true),
        Row("svd", "sv3d-p", context: 1024, labels: [1280], temporal: true),
        Row("svd", context: 1024, inputs: [8], temporal: true),
        Row("sd-x4-upscaler", width: 256, context: 1024, inputs: [7]),
        Row("sdxl-refiner", width: 384, context: 1280),
        Row("sd1", "stable-zero123", context: 768, inputs: [8], marks: ["cc_projection.weight"]),
        Row("sd1", "inpaint", context: 768, inputs: [9]),
        Row("sd1", "instruct-pix2pix", context: 768, inputs: [8]),
        Row("sd1", "animatediff", context: 768, temporal: true),
        Row("sd1", "normal", context: 768, inputs: [4]),
        Row("sd1", "concat", context: 768),
        Row("sd2", "unclip-l", context: 1024, labels: [1536]),
        Row("sd2", "unclip-h", context: 1024, labels: [2048]),
        Row("sd2", "lotus-d", context: 1024, labels: [4]),
        Row("sd2", "inpaint", context: 1024, inputs: [9]),
        Row("sd2", "depth", context: 1024, inputs: [5]),
        Row("sd2", "turbo", context: 1024, inputs: [4], marks: ["denoiser.sigmas"]),
        Row("sd2", "normal", context: 1024, labels: [], inputs: [4]),
        Row("sd2", "concat", context: 1024, labels: []),
        Row("sd2", context: 1024),
        Row("ssd-1b", context: 2048, depth: [0, 0, 2, 2, 4, 4], middle: -1),
        Row("segmind-vega", context: 2048, depth: [0, 0, 1, 1, 2, 2], middle: -1),
        Row("koala", "700m", context: 2048, depth: [0, 2, 5]),
        Row("koala", "1b", context: 2048, depth: [0, 2, 6]),
        Row("kolors", context: 2048, labels: [5632]),
        Row("kolors", context: 2048, marks: ["encoder_hid_proj.weight"]),
        Row("sdxl", "inpaint", context: 2048, inputs: [9]),
        Row("sdxl", "instruct-pix2pix", context: 2048, inputs: [8]),
        Row("sdxl", "playground-2.5", context: 2048, marks: ["edm_mean", "edm_std"]),
        Row("sdxl", "edm-v-prediction", context: 2048, marks: ["edm_vpred.sigma_max"]),
        Row("sdxl", "v-prediction", context: 2048, marks: ["v_pred"]),
        Row("sdxl", "normal", context: 2048, inputs: [4]),
        Row("sdxl", "concat", context: 2048),
    ]

    /// The depths of the families' own models; others are pruned or grown.
    static let usualDepths: [String: [Int]] = [
        "sd1": [1, 1, 1, 1, 1, 1, 0, 0], "sd2": [1, 1, 1, 1, 1, 1, 0, 0], "sdxl": xl,
        "sdxl-refiner": [0, 0, 4, 4, 4, 4, 0, 0],
    ]
}
