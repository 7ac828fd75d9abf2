import ShelfBase
import ShelfHashing

/// The vectors beside the tests' folders, and the recipes that their files are made by.
enum Vectors {
    struct Case {
        let id: String
        let bytes: [UInt8]
        let expect: JSONValue
        /// Where the tensor data starts; nil when the file is not safetensors.
        let tensorOffset: Int64?

        var layout: TensorLayout? { tensorOffset.map { TensorLayout(dataOffset: $0) } }
    }

    static func load() throws -> JSONValue {
        let tests = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(3).joined(separator: "/")
        let opened = try ReadableFile(FilePath("\(tests)/Vectors/hashes-and-files.json"))
        return try JSONValue.parse(try opened.bytes(at: 0, count: Int(opened.size)))
    }

    static func cases() throws -> [Case] {
        (try load()["hash_cases"]?.array ?? []).compactMap { item in
            guard let id = item["id"]?.string, let recipe = item["recipe"], let bytes = make(recipe) else { return nil }
            let header = bytes.prefix(8).reversed().reduce(Int64(0)) { $0 << 8 | Int64($1) }
            return Case(
                id: id, bytes: bytes, expect: item["expect"] ?? .null,
                tensorOffset: id.hasPrefix("st-") ? 8 + header : nil)
        }
    }

    /// The bytes of a recipe; nil for a kind that is not known.
    static func make(_ recipe: JSONValue) -> [UInt8]? {
        switch recipe["kind"]?.string {
        case "hex": return Hex.decode(recipe["hex"]?.string ?? "x")
        case "utf8": return recipe["text"]?.string.map { Array($0.utf8) }
        case "lcg64":
            guard let seed = recipe["seed"]?.int, let size = recipe["size"]?.int else { return nil }
            return noise(seed: UInt64(seed), count: Int(size))
        case "repeat":
            guard let unit = Hex.decode(recipe["hex"]?.string ?? "x"), let count = recipe["count"]?.int else {
                return nil
            }
            if let byte = unit.first, unit.count == 1 { return [UInt8](repeating: byte, count: Int(count)) }
            return (0..<count).flatMap { _ in unit }
        case "u64le":
            return recipe["value"]?.int.map { value in (0..<8).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) } }
        case "concat":
            var bytes: [UInt8] = []
            for part in recipe["parts"]?.array ?? [] {
                guard let made = make(part) else { return nil }
                bytes += made
            }
            return bytes
        default: return nil
        }
    }

    static func noise(seed: UInt64, count: Int) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            var state = seed
            for index in 0..<count {
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                buffer[index] = UInt8(state >> 56)
            }
            filled = count
        }
    }
}
