import ModelShelf
import ShelfBase

@testable import ShelfCLI

enum Samples {
    static func record(
        name: String = "exusiai", path: FilePath = FilePath("/m/exusiai.safetensors"), type: String? = "LORA",
        size: Int64 = 228_400_000, status: String? = "found", words: [String] = ["exusiai"]
    ) -> ModelRecord {
        let json: JSONObject = [
            "path": .string(path.display), "path_bytes": .optional(path.base64IfNotUTF8), "name": .string(name),
            "size": .int(size), "type": .optional(type), "format": .string("safetensors"),
            "architecture": .string("sdxl"), "base_model": .string("SDXL 1.0"), "precision": .string("fp16"),
            "hashes": .object(["sha256": .string("ab12"), "autov1": .null]),
            "civitai": .object([
                "status": .optional(status), "model_name": .string("Exusiai"), "version_name": .string("v2"),
                "creator": .string("somebody"), "url": .string("https://civitai.com/models/1"),
            ]),
            "trigger_words": .strings(words),
            "user": .object([
                "tags": .strings(["style"]), "notes": .string("good\nat 0.7"), "favorite": .bool(true),
                "fields": .object([:]),
            ]),
            "safety": .object(["verdict": .string("safe"), "findings": .array([])]), "missing": .bool(false),
        ]
        return ModelRecord(json: json, path: path)
    }
}

/// What a line did.
struct Ran {
    let status: Int32
    let terminal: RecordingTerminal
    let engine: FakeEngine

    var output: String { terminal.output }
    var messages: String { terminal.messages }
    /// Standard output as the one document that it has to be.
    var document: JSONValue? { try? JSONValue.parse(terminal.outputBytes) }
}

/// Runs a line of words without spaces.
func run(
    _ line: String, engine: FakeEngine = FakeEngine(), terminal: RecordingTerminal = RecordingTerminal()
) -> Ran {
    run(line.split(separator: " ").map { FilePath(String($0)) }, engine: engine, terminal: terminal)
}

func run(
    _ words: [FilePath], engine: FakeEngine = FakeEngine(), terminal: RecordingTerminal = RecordingTerminal()
) -> Ran {
    let status = Program.run(words, console: Console(terminal: terminal)) { _ in engine }
    return Ran(status: status, terminal: terminal, engine: engine)
}
