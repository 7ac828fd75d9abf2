/// The type of a tensor's elements, in the words and the order of the safetensors format (0.8.0).
public enum TensorType: Hashable, Sendable {
    case bool, f4, f6E2M3, f6E3M2, u8, i8, f8E5M2, f8E4M3, f8E8M0, f8E4M3FNUZ, f8E5M2FNUZ
    case i16, u16, f16, bf16, i32, u32, f32, c64, f64, i64, u64
    /// A word that this build does not know. The file stays usable; only its sizes cannot be checked.
    case unknown(String)

    /// One row of the table of types.
    public struct Row: Sendable {
        public let type: TensorType
        /// The word in a header.
        public let name: String
        /// Bits of one element.
        public let bits: UInt64
    }

    /// Every known type. Writers sort tensors by this order, the last first.
    public static let table: [Row] = [
        Row(type: .bool, name: "BOOL", bits: 8),
        Row(type: .f4, name: "F4", bits: 4),
        Row(type: .f6E2M3, name: "F6_E2M3", bits: 6),
        Row(type: .f6E3M2, name: "F6_E3M2", bits: 6),
        Row(type: .u8, name: "U8", bits: 8),
        Row(type: .i8, name: "I8", bits: 8),
        Row(type: .f8E5M2, name: "F8_E5M2", bits: 8),
        Row(type: .f8E4M3, name: "F8_E4M3", bits: 8),
        Row(type: .f8E8M0, name: "F8_E8M0", bits: 8),
        Row(type: .f8E4M3FNUZ, name: "F8_E4M3FNUZ", bits: 8),
        Row(type: .f8E5M2FNUZ, name: "F8_E5M2FNUZ", bits: 8),
        Row(type: .i16, name: "I16", bits: 16),
        Row(type: .u16, name: "U16", bits: 16),
        Row(type: .f16, name: "F16", bits: 16),
        Row(type: .bf16, name: "BF16", bits: 16),
        Row(type: .i32, name: "I32", bits: 32),
        Row(type: .u32, name: "U32", bits: 32),
        Row(type: .f32, name: "F32", bits: 32),
        Row(type: .c64, name: "C64", bits: 64),
        Row(type: .f64, name: "F64", bits: 64),
        Row(type: .i64, name: "I64", bits: 64),
        Row(type: .u64, name: "U64", bits: 64),
    ]

    private static let byName = Dictionary(uniqueKeysWithValues: table.map { ($0.name, $0.type) })
    private static let rows = Dictionary(uniqueKeysWithValues: table.map { ($0.type, $0) })

    /// The type of a header's word; words are compared exactly.
    public init(name: String) {
        self = TensorType.byName[name] ?? .unknown(name)
    }

    /// The word in a header.
    public var name: String {
        if case .unknown(let name) = self { name } else { TensorType.rows[self]?.name ?? "" }
    }

    /// Bits of one element; nil for an unknown type.
    public var bits: UInt64? { TensorType.rows[self]?.bits }
}
