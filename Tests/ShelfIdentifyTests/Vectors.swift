import FoundationEssentials
import ShelfBase
import ShelfFormats
import ShelfIdentify

/// Test vectors beside the tests' folders.
enum Vectors {
    static func load(_ name: String, file: String = #filePath) throws -> JSONValue {
        let folder = file.split(separator: "/", omittingEmptySubsequences: false).dropLast(2).joined(separator: "/")
        let data = try Data(contentsOf: URL(filePath: "\(folder)/Vectors/\(name)"))
        return try JSONValue.parse(Array(data))
    }

    /// Names and shapes as the vectors write them.
    static func tensors(_ value: JSONValue?, type: TensorType = .f16) -> [Tensor] {
        (value?.object?.members ?? []).map { name, shape in
            tensor(name, (shape.array ?? []).compactMap { $0.int.map { UInt64($0) } }, type)
        }
    }

    static func tensor(_ name: String, _ shape: [UInt64], _ type: TensorType = .f16) -> Tensor {
        let size = shape.reduce(1, *) * (type.bits ?? 8) / 8
        return Tensor(name: Array(name.utf8), type: type, shape: shape, begin: 0, end: size)
    }

    static func header(
        _ tensors: [Tensor], _ metadata: [(key: String, value: String)] = [], size: Int64 = 1 << 30
    ) -> FileHeader {
        var header = FileHeader(format: .safetensors, size: size)
        header.tensors = tensors
        header.metadata = metadata
        return header
    }

    static func identify(
        _ shapes: [(String, [UInt64])], _ metadata: [(key: String, value: String)] = [],
        name: String = "x.safetensors", size: Int64 = 1 << 30
    ) -> Identification {
        Identifier.identify(header(shapes.map { tensor($0.0, $0.1) }, metadata, size: size), name: FilePath(name))
    }
}
