import FuzzDriver
import ModelShelf
import ShelfBase
import ShelfCivitai
import ShelfFormats
import ShelfIdentify

// modelshelf-fuzz TARGET [libFuzzer's arguments]: foreign bytes into one parser; it must answer and never trap.

/// One parser of foreign bytes.
enum FuzzTarget: String, CaseIterable {
    case header, json, reference, settings, paths

    var run: @convention(c) (UnsafePointer<UInt8>?, Int) -> CInt {
        switch self {
        case .header: fuzzHeader
        case .json: fuzzJSON
        case .reference: fuzzReference
        case .settings: fuzzSettings
        case .paths: fuzzPaths
        }
    }
}

private func bytes(_ data: UnsafePointer<UInt8>?, _ size: Int) -> [UInt8] {
    Array(UnsafeBufferPointer(start: data, count: size))
}

private func fuzzHeader(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
    let bytes = bytes(data, size)
    let header = HeaderReader.read(head: bytes, size: Int64(size), name: FilePath("x.safetensors"))
    let identification = Identifier.identify(header, name: FilePath("x.safetensors"))
    let document = InspectDocument.make(path: FilePath("x"), header: header, identification: identification)
    return JSONValue.object(document).bytes().isEmpty ? 1 : 0
}

private func fuzzJSON(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
    guard let value = try? JSONValue.parse(bytes(data, size)) else { return 0 }
    // What was read can be written and read again.
    guard let again = try? JSONValue.parse(value.bytes()) else { return 1 }
    _ = CivitaiModel(again)
    _ = CivitaiVersion(again)
    return 0
}

private func fuzzReference(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
    _ = CivitaiReference.parse(String(decoding: bytes(data, size), as: UTF8.self))
    return 0
}

private func fuzzSettings(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
    _ = try? Configuration.parse(bytes(data, size), path: FilePath("/x/config.toml"), home: FilePath("/home"))
    return 0
}

private func fuzzPaths(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
    let paths = try? ExtraModelPaths(
        bytes(data, size), path: FilePath("/x/extra_model_paths.yaml"), home: FilePath("/home"),
        environment: { $0 == "A" ? FilePath("/a") : nil })
    return paths?.folders.allSatisfy(\.path.isAbsolute) ?? true ? 0 : 1
}

guard CommandLine.arguments.count > 1, let target = FuzzTarget(rawValue: CommandLine.arguments[1]) else {
    print("usage: modelshelf-fuzz \(FuzzTarget.allCases.map(\.rawValue).joined(separator: "|")) [ARGUMENT…]")
    exitWithUsage()
}
var count = CommandLine.argc - 1
var arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = CommandLine.unsafeArgv + 1
_ = LLVMFuzzerRunDriver(&count, &arguments, target.run)
