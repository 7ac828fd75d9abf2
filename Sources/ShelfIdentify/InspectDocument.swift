public import ShelfBase
public import ShelfFormats

/// The object of one file in `inspect --json`.
public enum InspectDocument {
    /// - Parameter safety: verdict and findings of a scan of the file's insides; without one, a format that cannot run
    ///   code is `safe`, a format that can is `unscanned`.
    public static func make(
        path: FilePath, header: FileHeader, identification: Identification, safety: JSONObject? = nil
    ) -> JSONObject {
        var object = JSONObject()
        object.append("path", .string(path.display))
        object.append("path_bytes", .optional(path.base64IfNotUTF8))
        object.append("size", .int(header.size))
        object.append("format", .string(header.format.rawValue))
        object.append("type", .optional(identification.type?.rawValue))
        object.append("kind", .optional(identification.kind))
        object.append("architecture", .optional(identification.architecture))
        object.append("base_model", .optional(identification.baseModel))
        object.append("variant", .optional(identification.variant))
        object.append("precision", .optional(identification.precision))
        object.append("quantisation", .optional(identification.quantisation))
        object.append("tensors", .int(Int64(clamping: identification.tensorCount)))
        object.append("parameters", number(identification.parameters))
        object.append("rank", .optional(identification.rank.map { Int64(clamping: $0) }))
        object.append("alpha", .optional(identification.alpha))
        object.append("title", .optional(identification.title))
        object.append("author", .optional(identification.author))
        object.append("trigger_words", .strings(identification.triggerWords))
        object.append("training", .object(identification.training))
        object.append("metadata", .object(metadata(header)))
        object.append("claimed_hashes", .object(identification.claimedHashes))
        object.append("safety", .object(safety ?? defaultSafety(header)))
        object.append("confidence", header.tensors.isEmpty ? .null : .string(identification.confidence))
        object.append("evidence", .strings(identification.evidence))
        object.append("alternatives", .strings(identification.alternatives))
        object.append("problems", .array(header.problems.map { .object(problem($0)) }))
        object.append("notes", .strings(header.notes))
        return object
    }

    private static func number(_ value: UInt64) -> JSONValue {
        Int64(exactly: value).map { .int($0) } ?? .double(Double(value))
    }

    private static func problem(_ error: ShelfError) -> JSONObject {
        ["code": .string(error.code.rawValue), "message": .string(error.message), "hint": .optional(error.hint)]
    }

    /// The raw metadata; a text longer than is shown is cut. A key that stands twice keeps both.
    private static func metadata(_ header: FileHeader) -> JSONObject {
        var object = JSONObject()
        for (key, value) in header.metadata { object.append(key, .string(MetadataReader.cut(value))) }
        return object
    }

    private static func defaultSafety(_ header: FileHeader) -> JSONObject {
        let findings = header.problems.filter { $0.code == .unsafeFile }.map { JSONValue.string($0.message) }
        let verdict: String
        if !findings.isEmpty {
            verdict = "unsafe"
        } else if header.format.canRunCode || !header.format.holdsModel {
            verdict = "unscanned"
        } else {
            verdict = "safe"
        }
        return ["verdict": .string(verdict), "findings": .array(findings)]
    }
}
