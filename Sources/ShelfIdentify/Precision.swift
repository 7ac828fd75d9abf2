internal import ShelfFormats

/// The number format of a model's weights, by how many bytes of them have it.
struct Precision {
    /// `fp32`, `fp16`, `bf16`, `fp8` and the like; `mixed` when none has half of the bytes; nil without tensors.
    let name: String?
    /// Elements of all tensors; the largest number when they do not fit.
    let parameters: UInt64
    /// Marks of a quantisation, such as `fp8-scaled` or `nf4`.
    let quantisation: String?

    init(_ tensors: [Tensor]) {
        var kinds: [Kind] = []
        var total: UInt64 = 0
        for tensor in tensors {
            // Files have a few types; the limit is for hostile ones with a thousand unknown words.
            var position = kinds.firstIndex { $0.type == tensor.type }
            if position == nil, kinds.count < 64 {
                kinds.append(Kind(type: tensor.type))
                position = kinds.count - 1
            }
            let size = max(tensor.byteCount, 1)
            if let position {
                if tensor.shape.count >= 2 {
                    kinds[position].matrices = Precision.sum(kinds[position].matrices, size)
                } else {
                    kinds[position].vectors = Precision.sum(kinds[position].vectors, size)
                }
            }
            total = Precision.sum(total, tensor.elementCount ?? .max)
        }
        parameters = total
        quantisation = Precision.quantisation(tensors)
        let hasMatrices = kinds.contains { $0.matrices > 0 }
        var counted: [String: UInt64] = [:]
        for kind in kinds {
            let name = Precision.name(of: kind.type)
            counted[name] = Precision.sum(counted[name] ?? 0, hasMatrices ? kind.matrices : kind.vectors)
        }
        let all = counted.values.reduce(0, Precision.sum)
        let most = counted.max { ($0.value, $1.key) < ($1.value, $0.key) }
        if let packed = quantisation.flatMap({ Precision.packed[$0] }) {
            name = packed
        } else {
            name = most.map { $0.value >= all / 2 ? $0.key : "mixed" }
        }
    }

    /// Bytes of one type, in tensors of two and more dimensions and in the others.
    private struct Kind {
        let type: TensorType
        var matrices: UInt64 = 0
        var vectors: UInt64 = 0
    }

    /// Quantisations whose tensors are packed into bytes, so that their type says nothing.
    private static let packed = ["nf4": "nf4", "fp4": "fp4", "svdquant": "int4", "gptq": "int4"]

    /// Endings of tensors that come with a quantisation.
    private static let marks: [(ending: [UInt8], name: String)] = [
        (".weight.quant_state.bitsandbytes__nf4", "nf4"),
        (".weight.quant_state.bitsandbytes__fp4", "fp4"),
        (".wscales", "svdquant"),
        (".comfy_quant", "comfy"),
        (".scale_weight", "fp8-scaled"),
        (".weight_scale", "fp8-scaled"),
        ("scaled_fp8", "fp8-scaled"),
        (".qzeros", "gptq"),
        (".SCB", "int8"),
    ].map { (Array($0.utf8), $1) }

    private static let plain = Array(".weight".utf8)

    private static let isTelling: [Bool] = {
        let lasts = Set(marks.compactMap(\.ending.last))
        return (0..<256).map { lasts.contains(UInt8($0)) }
    }()

    private static func quantisation(_ tensors: [Tensor]) -> String? {
        for tensor in tensors {
            // Nearly every name ends in ".weight", "bias" or "alpha", which says nothing.
            guard let last = tensor.name.last, isTelling[Int(last)], !Bytes.hasSuffix(tensor.name, plain) else {
                continue
            }
            if let mark = marks.first(where: { Bytes.hasSuffix(tensor.name, $0.ending) }) { return mark.name }
        }
        return nil
    }

    private static func sum(_ left: UInt64, _ right: UInt64) -> UInt64 {
        let (sum, overflow) = left.addingReportingOverflow(right)
        return overflow ? .max : sum
    }

    static func name(of type: TensorType) -> String {
        switch type {
        case .f64: "fp64"
        case .f32: "fp32"
        case .f16: "fp16"
        case .bf16: "bf16"
        case .f8E4M3, .f8E5M2, .f8E8M0, .f8E4M3FNUZ, .f8E5M2FNUZ: "fp8"
        case .f6E2M3, .f6E3M2: "fp6"
        case .f4: "fp4"
        case .i8: "int8"
        case .u8: "uint8"
        case .i16: "int16"
        case .u16: "uint16"
        case .i32: "int32"
        case .u32: "uint32"
        case .i64: "int64"
        case .u64: "uint64"
        case .bool: "bool"
        case .c64: "complex64"
        case .unknown: "unknown"
        }
    }
}
