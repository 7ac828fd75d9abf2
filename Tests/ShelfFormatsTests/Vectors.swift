import FoundationEssentials
import ShelfBase
import ShelfFormats

/// Test vectors beside the tests' folders.
enum Vectors {
    static func load(_ name: String, file: String = #filePath) throws -> JSONValue {
        let folder = file.split(separator: "/", omittingEmptySubsequences: false).dropLast(2).joined(separator: "/")
        let data = try Data(contentsOf: URL(filePath: "\(folder)/Vectors/\(name)"))
        return try JSONValue.parse(Array(data))
    }
}

/// A safetensors file made of a header's text, with as many zeros as are asked for.
func safetensors(_ json: String, data: Int = 0) -> [UInt8] {
    let text = Array(json.utf8)
    let length = (0..<8).map { UInt8(truncatingIfNeeded: text.count >> ($0 * 8)) }
    return length + text + [UInt8](repeating: 0, count: data)
}
